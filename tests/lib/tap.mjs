/* Reads the Test Anything Protocol as GLib's g_test and Node's runner write it. */

const POINT = /^(\s*)(not )?ok\b(?: (\d+))?(?: -)? ?(.*)$/;
const DIRECTIVE = /^(.*?)\s*# (SKIP|TODO)\b ?(.*)$/i;

/**
 * Leaf points of a TAP stream: [{ name, ok, skip, detail }]. `skip` is the reason, or undefined. A parent
 * counts only if it failed although none of its children did (a hook, a plan). "Bail out!" is a failure.
 */
export function readTap(text) {
    const points = [];
    const open = []; // per depth: points of children not yet closed by their parent
    let last;
    let inDetail = false;
    let detail = [];

    for (const line of text.split('\n')) {
        if (last && !inDetail && /^\s*---\s*$/.test(line)) {
            inDetail = true;
            detail = [];
            continue;
        }
        if (inDetail) {
            if (/^\s*\.\.\.\s*$/.test(line)) {
                inDetail = false;
                if (!last.ok)
                    last.detail = readable(detail);
            } else {
                detail.push(line);
            }
            continue;
        }
        if (/^\s*Bail out!/.test(line)) {
            points.push({ name: 'the test file itself', ok: false, detail: line.trim() });
            continue;
        }
        const match = POINT.exec(line);
        if (!match)
            continue;
        const depth = Math.floor(match[1].length / 4);
        const directive = DIRECTIVE.exec(match[4]);
        const point = { name: (directive ? directive[1] : match[4]).trim(), ok: !match[2], skip: undefined };
        if (directive && directive[2].toUpperCase() === 'SKIP')
            point.skip = directive[3];
        const children = open.slice(depth + 1).flat();
        open.length = Math.min(open.length, depth + 1);
        (open[depth] ??= []).push(point);
        last = point;
        for (const child of children)
            child.parents = [point.name, ...(child.parents ?? [])];
        point.isParent = children.length > 0;
        point.childFailed = children.some((child) => !child.ok);
        points.push(point);
    }
    return points
        .filter((point) => !point.isParent || (!point.ok && !point.childFailed))
        .map(({ name, ok, skip, detail: words, parents = [] }) => ({
            name: [...parents, name].join(' › '), ok, skip, detail: words,
        }));
}

/* The parts of Node's YAML block a person reads: message, expected, actual, stack. */
function readable(lines) {
    const indent = Math.min(...lines.filter((line) => line.trim()).map((line) => line.search(/\S/)));
    const kept = [];
    let keep = false;
    for (const line of lines.map((text) => text.slice(indent))) {
        const key = /^([A-Za-z_]+):/.exec(line)?.[1];
        if (key)
            keep = ['error', 'expected', 'actual', 'operator', 'stack'].includes(key);
        if (keep && !/node:internal/.test(line))
            kept.push(line);
    }
    return kept.slice(0, 60).join('\n');
}
