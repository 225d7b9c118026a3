/* Reads the Prometheus text exposition format 0.0.4, strictly: what a scraper may not swallow throws. */

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const LABEL = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\[\\\\"n])*"';
const SAMPLE = new RegExp(`^(${NAME})(\\{(?:${LABEL}(?:,${LABEL})*)?\\})? (\\S+)$`);
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|Inf|NaN)$/;

/* The family a sample belongs to: a histogram's samples have names of their own. */
function familyOf(name, types) {
    const base = name.replace(/_(bucket|sum|count)$/, '');
    return types.get(base) === 'histogram' ? base : name;
}

function readHead(line, types, helps) {
    const [, kind, name, rest] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    const seen = kind === 'HELP' ? helps : types;
    if (!kind)
        throw new Error(`Neither HELP nor TYPE: ${line}`);
    if (seen.has(name))
        throw new Error(`${kind} of ${name} stands twice.`);
    if (kind === 'TYPE' && !/^(counter|gauge|histogram|summary|untyped)$/.test(rest))
        throw new Error(`No such type: ${line}`);
    seen.set(name, rest);
}

/* Buckets of one histogram rise, and the last holds all. */
function checkHistogram(samples, name) {
    const rows = new Map();
    for (const [key, value] of samples) {
        const [, labels, bound] = new RegExp(`^${name}_bucket\\{(.*?),?le="([^"]+)"\\}$`).exec(key) ?? [];
        if (bound)
            rows.set(labels, [...rows.get(labels) ?? [], { bound: Number(bound.replace('+Inf', 'Infinity')), value }]);
    }
    for (const [labels, buckets] of rows) {
        for (let i = 1; i < buckets.length; i++) {
            if (buckets[i].bound <= buckets[i - 1].bound || buckets[i].value < buckets[i - 1].value)
                throw new Error(`The buckets of ${name}{${labels}} do not rise.`);
        }
        const last = buckets.at(-1);
        if (last.bound !== Infinity || last.value !== samples.get(`${name}_count${labels && `{${labels}}`}`))
            throw new Error(`The last bucket of ${name}{${labels}} does not hold all.`);
    }
}

/** { types, samples }: maps of family to type and of name with labels to number. */
export function readExposition(text) {
    const types = new Map();
    const helps = new Map();
    const samples = new Map();
    const ended = new Set();
    let current;
    if (!text.endsWith('\n'))
        throw new Error('The last line does not end.');
    for (const line of text.slice(0, -1).split('\n')) {
        if (line.startsWith('#')) {
            readHead(line, types, helps);
            continue;
        }
        const [, name, labels = '', value] = SAMPLE.exec(line) ?? [];
        if (!name || !NUMBER.test(value))
            throw new Error(`No sample: ${line}`);
        const family = familyOf(name, types);
        if (!types.has(family) || !helps.has(family))
            throw new Error(`${family} has no HELP or TYPE before its first sample.`);
        if (family !== current) {
            if (ended.has(family))
                throw new Error(`The samples of ${family} do not stand together.`);
            ended.add(family);
            current = family;
        }
        if (samples.has(name + labels))
            throw new Error(`${name}${labels} stands twice.`);
        samples.set(name + labels, Number(value.replace('Inf', 'Infinity')));
    }
    for (const [name, type] of types) {
        if (type === 'histogram')
            checkHistogram(samples, name);
    }
    return { types, samples };
}
