/* What every figure is made of: CPU of processes, requests of wrk, memory of processes. */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const ticks = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

export const median = (numbers) => {
    const sorted = [...numbers].sort((a, b) => a - b);
    const middle = sorted.length >> 1;
    return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/* Fields of /proc/PID/stat after the command's name, which may hold blanks. */
function stat(pid) {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

/** A process and all below it. */
export function family(pid) {
    const children = new Map();
    for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry)))
        try {
            const parent = Number(stat(name)[1]);
            children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
        } catch {
            /* it ended while we looked */
        }
    const all = [pid];
    for (let i = 0; i < all.length; i++)
        all.push(...(children.get(all[i]) ?? []));
    return all;
}

/** CPU seconds a process and all below it have used. */
export function cpuSeconds(pid) {
    return family(pid).reduce((sum, one) => {
        const fields = stat(one);
        return sum + (Number(fields[11]) + Number(fields[12])) / ticks;
    }, 0);
}

/** Bytes of a key of /proc/PID/smaps_rollup ("Pss", "Pss_Anon"), of a process and all below it. */
export function memory(pid, key = 'Pss') {
    return family(pid).reduce((sum, one) => {
        const line = readFileSync(`/proc/${one}/smaps_rollup`, 'utf8').split('\n').find((text) => text.startsWith(`${key}:`));
        return sum + Number(/(\d+) kB/.exec(line)[1]) * 1024;
    }, 0);
}

function run(command, args) {
    return new Promise((resolve, reject) => {
        const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
        let output = '';
        for (const stream of [child.stdout, child.stderr])
            stream.setEncoding('utf8').on('data', (text) => (output += text));
        child.once('error', reject);
        child.once('close', (code) => (code === 0 ? resolve(output) : reject(new Error(`${command}: ${output}`))));
    });
}

/* Milliseconds of what wrk writes as "431.00us", "2.10ms" or "1.05s". */
function milliseconds(text) {
    const [, number, unit] = /^([\d.]+)(us|ms|s|m)$/.exec(text);
    return Number(number) * { us: 0.001, ms: 1, s: 1000, m: 60_000 }[unit];
}

/**
 * Loads `url` with wrk on its own core and weighs the server: { rate, cost, p99 }. `cost` is CPU seconds per
 * 100,000 requests of all processes of `pid`, `p99` milliseconds. An answer that is not 2xx or 3xx is a failure of the
 * figure. `cookie` goes with every request, `words` go to `script`.
 */
export async function load({ pid, url, seconds, connections = 64, script, words: told = [], cookie }) {
    const words = ['-c', String(existsSync('/sys/devices/system/cpu/cpu1') ? 1 : 0), 'wrk', '-t1', `-c${connections}`];
    if (script)
        words.push('-s', script);
    if (cookie)
        words.push('-H', `Cookie: ${cookie}`);
    await run('taskset', [...words, '-d1s', url, '--', ...told]);
    const before = cpuSeconds(pid);
    const output = await run('taskset', [...words, `-d${seconds}s`, '--latency', url, '--', ...told]);
    const used = cpuSeconds(pid) - before;
    if (/Non-2xx|cannot open|\.lua:\d+:|Socket errors: (?!connect 0, read 0, write 0, timeout 0)/.test(output))
        throw new Error(`${url} was not answered well:\n${output}`);
    const requests = Number(/(\d+) requests in/.exec(output)[1]);
    return {
        rate: Number(/Requests\/sec:\s+([\d.]+)/.exec(output)[1]), cost: (used / requests) * 100_000,
        p99: milliseconds(/^ +99% +(\S+)/m.exec(output)[1]),
    };
}

/** Rounds that alternate between the servers; medians by name: { name: { rate, cost } }. */
export async function alternate(servers, { rounds, seconds }) {
    const seen = Object.fromEntries(Object.keys(servers).map((name) => [name, []]));
    for (let round = 0; round < rounds; round++)
        for (const [name, server] of Object.entries(servers))
            seen[name].push(await load({ seconds, ...server }));
    return Object.fromEntries(Object.entries(seen).map(([name, list]) => [name, {
        rate: median(list.map((one) => one.rate)), cost: median(list.map((one) => one.cost)),
    }]));
}
