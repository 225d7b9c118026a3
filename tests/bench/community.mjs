/* A community to measure: topics of one question and 19 answers each, with tags, comments and markup. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const body = (number) => `Driver 8.6 resends the first page when the printer reports “ready” late (case ${number}). Switch
**Wait for acknowledgement** off under *Printing → Queues → Advanced*, or go back to 8.5.

- Printer: thermal, 203 dpi
- Driver: 8.6
- Happens from the browser & from the handheld

    print --queue labels --pages 1

The maker has confirmed it and promises 8.7 for this month; see [the notes](https://example.com/notes).
`;

/** Writes a directory for `portico import communities --format demo`. */
export function writeCommunity(directory, { topics = 30, answers = 19 } = {}) {
    const lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<community space="measured" title="Measured" description="What is measured.">'];
    for (let i = 1; i <= 20; i++)
        lines.push(`<person key="${i}" name="Person Number${i}" company="Company ${i % 5}"/>`);
    let post = 0;
    let comment = 0;
    for (let topic = 0; topic < topics; topic++) {
        const question = ++post;
        lines.push(`<question id="${question}" author="${topic % 20 + 1}" age="${topic + 3}d" active="${topic + 1}d" score="${topic}" views="${topic * 7}" tags="labels printing tag${topic % 7}" accepted="${question + 1}" title="Question number ${topic} about the label printer"><![CDATA[${body(question)}]]></question>`);
        for (let i = 0; i < answers; i++)
            lines.push(`<answer id="${++post}" to="${question}" author="${i % 20 + 1}" age="${topic + 1}d ${i}h" score="${i}"><![CDATA[${body(post)}]]></answer>`);
        for (let i = 0; i < 5; i++)
            lines.push(`<comment id="${++comment}" to="${question + i}" author="${i + 1}" age="1d 4h" score="2">That was it, thank you.</comment>`);
    }
    mkdirSync(directory, { recursive: true });
    writeFileSync(path.join(directory, 'measured.xml'), `${lines.join('\n')}\n</community>\n`);
}
