/* Load from plain node agents: keep-alive connections that ask one thing after the other, some pipelined.
 * Every answer is checked; what goes wrong is kept, not thrown. */
import http from 'node:http';

import { connect } from './http.mjs';

/**
 * Starts `connections` keep-alive clients and `pipelines` raw connections that send four requests at once.
 * `target(n)` gives the path of request n, `check(response text, n)` says whether the answer is right.
 * Returns { answers, failures, stop() }: stop resolves once every request under way was answered.
 */
export function startLoad(port, { connections = 8, pipelines = 2, target = (n) => `/trial/hello/${n}`,
    check = (text, n) => text === `Hello ${n}` } = {}) {
    const load = { answers: 0, failures: [], reconnects: 0 };
    let running = true;
    let number = 0;

    const ask = (agent, n) => new Promise((resolve) => {
        const request = http.get({ port, host: '127.0.0.1', path: target(n), agent }, (response) => {
            let text = '';
            response.setEncoding('utf8').on('data', (part) => (text += part));
            response.on('end', () => resolve(response.statusCode === 200 && check(text, n) ? undefined : `${response.statusCode} ${text.slice(0, 80)}`));
            response.on('error', (error) => resolve(`answer cut off: ${error.message}`));
        });
        request.on('error', (error) => resolve(`${error.code ?? error.message}`));
    });

    async function client() {
        const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
        while (running) {
            const n = number++;
            const failure = await ask(agent, n);
            load.answers++;
            if (failure)
                load.failures.push(`request ${n}: ${failure}`);
        }
        agent.destroy();
    }

    /* A peer that is told to close (Connection: close) reconnects: the answers before that must be whole. */
    async function pipeline() {
        let connection;
        while (running) {
            connection ??= await connect(port);
            const numbers = Array.from({ length: 4 }, () => number++);
            await connection.write(numbers.map((n) => `GET ${target(n)} HTTP/1.1\r\nHost: a\r\n\r\n`).join(''));
            for (const n of numbers) {
                let response;
                try {
                    response = await connection.response();
                } catch (error) {
                    load.failures.push(`pipelined request ${n}: ${error.message}`);
                }
                load.answers++;
                if (!response || response.status !== 200 || !check(response.text, n)) {
                    load.failures.push(`pipelined request ${n}: ${response ? `${response.status} ${response.text.slice(0, 80)}` : 'no answer'}`);
                    connection.destroy();
                    connection = undefined;
                    break;
                }
                if (/close/i.test(response.header('connection') ?? '')) {
                    load.reconnects++;
                    connection.destroy();
                    connection = undefined;
                    break;
                }
            }
        }
        connection?.destroy();
    }

    const all = [...Array.from({ length: connections }, client), ...Array.from({ length: pipelines }, pipeline)];
    load.stop = async () => {
        running = false;
        await Promise.all(all);
        return load;
    };
    return load;
}
