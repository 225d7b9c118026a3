/* Images built byte by byte, sound and broken ones. `node tests/lib/images.mjs DIRECTORY` writes the
 * corpus of tests/fuzz/corpus/file_image, whose names tell what becomes of each: good-, bad-
 * (damaged), large- (past a limit), other- (no image at all). */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { deflateSync } from 'node:zlib';

export const SECRET = 'GPS 52.5163 N 13.3777 E';
const html = '<!doctype html><script>alert(1)</script>';

const bytes = (...parts) => Buffer.concat(parts.map((part) => (typeof part === 'number' ? Buffer.from([part]) : Buffer.from(part))));
const big = (value, size = 4) => Buffer.from(Array.from({ length: size }, (_, i) => Math.floor(value / 256 ** (size - 1 - i)) & 255));
const little = (value, size = 4) => Buffer.from([...big(value, size)].reverse());

/* ---- PNG ---- */

const sums = Uint32Array.from({ length: 256 }, (_, n) => {
    let c = n;
    for (let i = 0; i < 8; i++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
    return c;
});
const sum = (data) => (data.reduce((c, byte) => sums[(c ^ byte) & 255] ^ (c >>> 8), 0xffffffff) ^ 0xffffffff) >>> 0;
export const chunk = (type, data = []) => {
    const named = bytes(type, Buffer.from(data));
    return bytes(big(named.length - 4), named, big(sum(named)));
};
const SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
const header = (width, height, { depth = 8, colour = 0, interlace = 0 } = {}) =>
    chunk('IHDR', bytes(big(width), big(height), depth, colour, 0, 0, interlace));
/* Rows of one grey byte a pixel; past 4096 pixels only a beginning, as nobody decodes those. */
const rows = (width, height) => deflateSync(Buffer.alloc(Math.min(4096, (width + 1) * height)));
export const png = (width = 4, height = 4, { before = [], after = [], trailer = '' } = {}) =>
    bytes(SIGNATURE, header(width, height), ...before, chunk('IDAT', rows(width, height)), ...after, chunk('IEND'), trailer);

const control = (sequence, width, height, x = 0) =>
    chunk('fcTL', bytes(big(sequence), big(width), big(height), big(x), big(0), big(1, 2), big(10, 2), 0, 0));
const animated = (frames, { announced = frames, wide = 4, shift = 0 } = {}) => {
    let sequence = 0;
    const more = [];
    const first = control(sequence++, 4, 4);
    for (let i = 1; i < frames; i++) {
        more.push(control(sequence++, wide, 4, shift));
        more.push(chunk('fdAT', bytes(big(sequence++), rows(4, 4))));
    }
    return png(4, 4, { before: [chunk('acTL', bytes(big(announced), big(0))), first], after: more });
};

/* ---- EXIF ---- */

export const exif = (orientation) => bytes('MM\0*', big(8), big(2, 2),
    big(0x0112, 2), big(3, 2), big(1), big(orientation, 2), big(0, 2),
    big(0x8825, 2), big(4, 2), big(1), big(38), big(0), SECRET);

/* ---- JPEG ---- */

const segment = (marker, data = []) => bytes(0xff, marker, big(data.length + 2, 2), Buffer.from(data));
const JFIF = segment(0xe0, bytes('JFIF\0', 1, 1, 0, 0, 1, 0, 1, 0, 0));
const frame = (width, height, marker = 0xc0) => segment(marker, bytes(8, big(height, 2), big(width, 2), 1, 1, 0x11, 0));
const tables = bytes(segment(0xdb, bytes(0, Buffer.alloc(64, 1))),
    segment(0xc4, bytes(0x00, 1, Buffer.alloc(15), 0)), segment(0xc4, bytes(0x10, 1, Buffer.alloc(15), 0)));
const scan = segment(0xda, [1, 1, 0, 0, 63, 0]);
/* Every block is two zero bits: its mean is that of the one before, and it ends there. */
const blocks = (width, height) => {
    const count = Math.min(4096, Math.ceil(width / 8) * Math.ceil(height / 8)) * 2;
    const data = Buffer.alloc(Math.ceil(count / 8));
    if (count % 8) data[data.length - 1] = 0xff >> (count % 8);
    return data;
};
export const jpeg = (width = 16, height = 16, { before = [], marker = 0xc0, trailer = '', middle = [] } = {}) =>
    bytes(0xff, 0xd8, JFIF, ...before, tables, frame(width, height, marker), ...middle, scan, blocks(width, height), 0xff, 0xd9, trailer);

/* ---- GIF ---- */

const pixel = bytes(0x2c, little(0, 2), little(0, 2), little(1, 2), little(1, 2), 0, 2, 2, 0x44, 1, 0);
const screen = (width, height) => bytes('GIF89a', little(width, 2), little(height, 2), 0x80, 0, 0, 0, 0, 0, 255, 255, 255);
const delay = bytes(0x21, 0xf9, 4, 0, 10, 0, 0, 0);
const loop = bytes(0x21, 0xff, 11, 'NETSCAPE2.0', 3, 1, 0, 0, 0);
export const gif = (width = 1, height = 1, { frames = 1, before = [], trailer = '' } = {}) =>
    bytes(screen(width, height), ...before, ...Array.from({ length: frames }, () => pixel), 0x3b, trailer);
const gifComment = bytes(0x21, 0xfe, SECRET.length, SECRET, 0);

/* ---- WebP ---- */

const riff = (type, data) => bytes(type, little(data.length), data, data.length % 2 ? 0 : '');
const webpOf = (parts, trailer = '') => {
    const content = bytes('WEBP', ...parts);
    return bytes('RIFF', little(content.length), content, trailer);
};
/* No transforms, five codes of one symbol: every pixel is transparent black. */
const lossless = (width, height) => riff('VP8L', bytes(0x2f, little((width - 1) + (height - 1) * 16384), 0x88, 0x88, 0x08));
const lossy = (width, height) => riff('VP8 ', bytes(0x10, 0, 0, 0x9d, 1, 0x2a, little(width, 2), little(height, 2), 0, 0));
const canvas = (width, height, flags = 0) => riff('VP8X', bytes(flags, 0, 0, 0, little(width - 1, 3), little(height - 1, 3)));
const anim = riff('ANIM', Buffer.alloc(6));
const webpFrame = (width, height, picture, x = 0) =>
    riff('ANMF', bytes(little(x / 2, 3), little(0, 3), little(width - 1, 3), little(height - 1, 3), little(100, 3), 0, picture));
export const webp = (width = 4, height = 4) => webpOf([lossless(width, height)]);

const cut = (image, from, to) => bytes(image.subarray(0, from), image.subarray(to));
const flipped = (image, at) => { const copy = Buffer.from(image); copy[at] ^= 1; return copy; };

/* Name to bytes. */
export const corpus = () => ({
    'good-png-plain': png(),
    'good-png-interlaced': bytes(SIGNATURE, header(4, 4, { interlace: 1 }), chunk('IDAT', rows(4, 4)), chunk('IEND')),
    'good-png-palette': bytes(SIGNATURE, header(4, 4, { colour: 3 }), chunk('PLTE', [0, 0, 0]), chunk('tRNS', [0]), chunk('IDAT', rows(4, 4)), chunk('IEND')),
    'good-png-two-data': bytes(SIGNATURE, header(4, 4), chunk('IDAT', rows(4, 4).subarray(0, 5)), chunk('IDAT', rows(4, 4).subarray(5)), chunk('IEND')),
    'good-png-colour': png(4, 4, { before: [chunk('gAMA', big(45455)), chunk('iCCP', bytes('icc\0', 0, deflateSync(Buffer.alloc(200)))), chunk('pHYs', Buffer.alloc(9))] }),
    'good-png-secret-text': png(4, 4, { before: [chunk('tEXt', `Comment\0${SECRET}`)], after: [chunk('iTXt', `XML:com.adobe.xmp\0\0\0\0\0${SECRET}`), chunk('prIv', SECRET)] }),
    'good-png-secret-exif': png(4, 4, { before: [chunk('eXIf', exif(6)), chunk('eXIf', exif(3))] }),
    'good-png-secret-trailer': png(4, 4, { trailer: `${html}${SECRET}` }),
    'good-png-animated': animated(3),
    'good-png-side': png(10000, 4000),
    'bad-png-sum': flipped(png(), 40),
    'bad-png-truncated': png().subarray(0, -12),
    'bad-png-half': png().subarray(0, 50),
    'bad-png-no-data': bytes(SIGNATURE, header(4, 4), chunk('IEND')),
    'bad-png-no-palette': bytes(SIGNATURE, header(4, 4, { colour: 3 }), chunk('IDAT', rows(4, 4)), chunk('IEND')),
    'bad-png-two-headers': png(4, 4, { before: [header(4, 4)] }),
    'bad-png-critical': png(4, 4, { before: [chunk('ABCD', [1])] }),
    'bad-png-depth': bytes(SIGNATURE, header(4, 4, { depth: 4, colour: 2 }), chunk('IDAT', rows(4, 4)), chunk('IEND')),
    'bad-png-zero': png(0, 4),
    'bad-png-data-apart': bytes(SIGNATURE, header(4, 4), chunk('IDAT', rows(4, 4)), chunk('tEXt', 'a\0b'), chunk('IDAT', rows(4, 4)), chunk('IEND')),
    'bad-png-not-packed': bytes(SIGNATURE, header(4, 4), chunk('IDAT', html), chunk('IEND')),
    'bad-png-length': bytes(SIGNATURE, header(4, 4), big(0xffffffff), 'IDAT'),
    'bad-png-frames-missing': animated(2, { announced: 3 }),
    'bad-png-frame-outside': animated(2, { shift: 1 }),
    'bad-png-frame-huge': animated(2, { wide: 0xffffffff, shift: 5 }),
    'large-png-side': png(10001, 1),
    'large-png-pixels': png(8000, 8000),
    'large-png-bomb': png(0x7fffffff, 0x7fffffff),

    'good-jpeg-plain': jpeg(),
    'good-jpeg-progressive': jpeg(16, 16, { marker: 0xc2 }),
    'good-jpeg-filled': bytes(0xff, 0xd8, 0xff, 0xff, JFIF, jpeg().subarray(2 + JFIF.length)),
    'good-jpeg-secret-comment': jpeg(16, 16, { before: [segment(0xfe, SECRET)] }),
    'good-jpeg-secret-exif': jpeg(16, 16, { before: [segment(0xe1, bytes('Exif\0\0', exif(6))), segment(0xe1, bytes('Exif\0\0', exif(3)))] }),
    'good-jpeg-secret-xmp': jpeg(16, 16, { before: [segment(0xe1, `http://ns.adobe.com/xap/1.0/\0${SECRET}`), segment(0xed, `Photoshop 3.0\0${SECRET}`)] }),
    'good-jpeg-secret-thumbnail': bytes(0xff, 0xd8, segment(0xe0, bytes('JFIF\0', 1, 1, 0, 0, 1, 0, 1, 1, 8, SECRET)), jpeg().subarray(2 + JFIF.length)),
    'good-jpeg-secret-trailer': jpeg(16, 16, { trailer: `${html}${SECRET}` }),
    'good-jpeg-colour': jpeg(16, 16, { before: [segment(0xe2, bytes('ICC_PROFILE\0', 1, 1, Buffer.alloc(100))), segment(0xee, bytes('Adobe', Buffer.alloc(7)))] }),
    'good-jpeg-restarts': jpeg(16, 16, { before: [segment(0xdd, [0, 1])] }),
    'bad-jpeg-truncated': jpeg().subarray(0, -2),
    'bad-jpeg-no-scan': bytes(0xff, 0xd8, JFIF, 0xff, 0xd9),
    'bad-jpeg-no-size': bytes(0xff, 0xd8, JFIF, tables, scan, 0, 0xff, 0xd9),
    'bad-jpeg-two-sizes': jpeg(16, 16, { middle: [frame(16, 16)] }),
    'bad-jpeg-zero': jpeg(16, 0),
    'bad-jpeg-lossless': jpeg(16, 16, { marker: 0xc3 }),
    'bad-jpeg-arithmetic': jpeg(16, 16, { marker: 0xc9 }),
    'bad-jpeg-segment': bytes(0xff, 0xd8, 0xff, 0xe0, 0, 1, html),
    'bad-jpeg-scans': bytes(0xff, 0xd8, JFIF, tables, frame(16, 16, 0xc2), ...Array.from({ length: 101 }, () => bytes(scan, 0)), 0xff, 0xd9),
    'bad-jpeg-html': bytes(0xff, 0xd8, 0xff, html),
    'large-jpeg-side': jpeg(10001, 8),
    'large-jpeg-bomb': jpeg(65535, 65535),

    'good-gif-plain': gif(),
    'good-gif-87': bytes('GIF87a', gif().subarray(6)),
    'good-gif-animated': gif(2, 2, { frames: 3, before: [loop, delay] }),
    'good-gif-secret-comment': gif(1, 1, { before: [gifComment, bytes(0x21, 0xff, 11, 'XMP DataXMP', SECRET.length, SECRET, 0), bytes(0x21, 0x01, SECRET.length, SECRET, 0)] }),
    'good-gif-secret-trailer': gif(1, 1, { trailer: `*/=alert(1)//${SECRET}` }),
    'bad-gif-truncated': gif().subarray(0, -1),
    'bad-gif-no-picture': bytes(screen(1, 1), 0x3b),
    'bad-gif-outside': bytes(screen(1, 1), 0x2c, little(1, 2), little(0, 2), little(1, 2), little(1, 2), 0, 2, 2, 0x44, 1, 0, 0x3b),
    'bad-gif-zero': gif(0, 1),
    'bad-gif-code-size': bytes(screen(1, 1), pixel.subarray(0, 10), 12, 2, 0x44, 1, 0, 0x3b),
    'bad-gif-block': gif(1, 1, { before: [bytes(0x42)] }),
    'bad-gif-control': gif(1, 1, { before: [bytes(0x21, 0xf9, 3, 0, 10, 0, 0)] }),
    'large-gif-script': bytes('GIF89a/*', gif().subarray(8), '*/=1;alert(1)'),
    'large-gif-frames': gif(1, 1, { frames: 501 }),
    'large-gif-all-pixels': gif(6000, 6000, { frames: 12 }),

    'good-webp-lossless': webp(),
    'good-webp-lossy': webpOf([lossy(4, 4)]),
    'good-webp-extended': webpOf([canvas(4, 4, 0x20), riff('ICCP', Buffer.alloc(10)), lossless(4, 4)]),
    'good-webp-alpha': webpOf([canvas(4, 4, 0x10), riff('ALPH', [0, 1, 2]), lossy(4, 4)]),
    'good-webp-secret-exif': webpOf([canvas(4, 4, 0x0c), lossless(4, 4), riff('EXIF', exif(8)), riff('XMP ', Buffer.from(SECRET)), riff('JUNK', Buffer.from(SECRET))]),
    'good-webp-secret-trailer': bytes(webp(), html, SECRET),
    'good-webp-secret-behind': webpOf([lossless(4, 4), riff('EXIF', exif(1))]),
    'good-webp-animated': webpOf([canvas(4, 4, 2), anim, webpFrame(4, 4, lossless(4, 4)), webpFrame(2, 2, bytes(riff('ALPH', [0, 1]), lossy(2, 2)), 2)]),
    'bad-webp-truncated': webp().subarray(0, -4),
    'bad-webp-length': cut(webp(), 20, 24),
    'bad-webp-no-picture': webpOf([canvas(4, 4)]),
    'bad-webp-other-size': webpOf([canvas(5, 4), lossless(4, 4)]),
    'bad-webp-two-pictures': webpOf([canvas(4, 4), lossless(4, 4), lossless(4, 4)]),
    'bad-webp-frame-outside': webpOf([canvas(4, 4, 2), anim, webpFrame(4, 4, lossless(4, 4), 2)]),
    'bad-webp-frame-size': webpOf([canvas(4, 4, 2), anim, webpFrame(4, 4, lossless(3, 4))]),
    'bad-webp-frame-without': webpOf([canvas(4, 4), webpFrame(4, 4, lossless(4, 4))]),
    'bad-webp-version': webpOf([riff('VP8L', bytes(0x2f, 3, 0xc0, 0, 0xe0, 0x88, 0x88, 0x08))]),
    'large-webp-side': webp(10001, 1),
    'large-webp-canvas': webpOf([canvas(16777216, 16777216), lossless(4, 4)]),

    'other-svg': Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`),
    'other-html': Buffer.from(html),
    'other-bmp': bytes('BM', Buffer.alloc(60)),
    'other-avif': bytes(0, 0, 0, 28, 'ftypavif', Buffer.alloc(20)),
    'other-wave': bytes('RIFF', little(4), 'WAVE'),
    'other-pdf': Buffer.from('%PDF-1.7\n'),
    'other-empty': Buffer.alloc(0),
});

if (process.argv[1]?.endsWith('images.mjs') && process.argv[2]) {
    mkdirSync(process.argv[2], { recursive: true });
    for (const [name, data] of Object.entries(corpus()))
        writeFileSync(path.join(process.argv[2], name), data);
}
