/* What somebody would write who wants a script of theirs to run in another's browser: made by families, each with a
 * number of its own, so that one that runs says which it was. */

const tell = (n) => `window.__x(${n})`;

/* What makes an element run something by itself, with the attributes it takes. */
const SELF = [
    ['img', 'src=x onerror='], ['svg', 'onload='], ['body', 'onload='], ['iframe', 'onload='], ['input', 'autofocus onfocus='],
    ['select', 'autofocus onfocus='], ['textarea', 'autofocus onfocus='], ['video', 'src=x onerror='], ['audio', 'src=x onerror='],
    ['details', 'open ontoggle='], ['style', 'onload='], ['object', 'data=x onerror='], ['embed', 'src=x onload='],
    ['marquee', 'onstart='], ['a', 'href=x tabindex=1 autofocus onfocus='], ['link', 'rel=stylesheet href=x onerror='],
    ['script', 'src=x onerror='], ['button', 'autofocus onfocus='], ['p', 'style="animation:x" onanimationstart='],
];
const SCHEMES = [
    'javascript:CALL', 'JaVaScRiPt:CALL', ' javascript:CALL', '\tjavascript:CALL', 'java\tscript:CALL', 'java\nscript:CALL',
    '\u0001javascript:CALL', 'java\u0000script:CALL', 'javascript\t:CALL', 'javascript&colon;CALL', 'javascript&#58;CALL',
    'javascript&#x3a;CALL', '&#106;avascript:CALL', '&#x6A&#x61vascript:CALL', 'java&Tab;script:CALL', 'java&NewLine;script:CALL',
    'javascript://%0aCALL', 'javascript:/*x*/CALL', 'vbscript:CALL', 'data:text/html,<script>CALL</script>',
    'data:text/html;base64,BASE', 'DATA:text/html;charset=utf-8,%3Cscript%3ECALL%3C/script%3E',
    'data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" onload="CALL"/>', 'blob:javascript:CALL', 'view-source:javascript:CALL',
    'feed:javascript:CALL', 'jar:javascript:CALL!/', 'filesystem:javascript:CALL', '\u00a0javascript:CALL', '\ufeffjavascript:CALL',
    'javascript\u200b:CALL', '\u202ejavascript:CALL', 'ｊavascript:CALL', '//javascript:CALL', '\\javascript:CALL', 'javascript%3aCALL',
    'https:javascript:CALL', 'mailto:javascript:CALL', '?javascript:CALL', '#javascript:CALL', '../javascript:CALL',
];
const BROKEN_OUT = [
    '"><script>CALL</script>', '\'><script>CALL</script>', '"><img src=x onerror=CALL>', '\' onmouseover=\'CALL', '" onfocus="CALL" autofocus="',
    '` onerror=`CALL`', '</title><script>CALL</script>', '</textarea><script>CALL</script>', '</script><script>CALL</script>',
    '</style><script>CALL</script>', '--><script>CALL</script>', '--!><img src=x onerror=CALL>', ']]><script>CALL</script>',
    '</noscript><img src=x onerror=CALL>', '</template><img src=x onerror=CALL>', '</select><img src=x onerror=CALL>',
    '</xmp><img src=x onerror=CALL>', '</iframe><img src=x onerror=CALL>', '</plaintext><img src=x onerror=CALL>',
    '</svg><img src=x onerror=CALL>', '</math><img src=x onerror=CALL>', '</ScRiPt ><sCrIpT >CALL</sCrIpT >', '"/><svg/onload=CALL>',
    '\\"><script>CALL</script>', '</script \n><img src=x onerror=CALL>', '<!--<script>CALL</script>', '"-CALL-"', '\'-CALL-\'', '\\\'-CALL//',
    '${CALL}', '`${CALL}`', '";CALL;//', '\u2028CALL\u2028', '*/CALL/*', '</script/x><script/x>CALL</script/x>', '<script>CALL', '<img src=x onerror=CALL ',
];
const TREES = [
    '<svg><script>CALL</script></svg>', '<svg><script>CALL&#41;</script>', '<svg><a xlink:href="javascript:CALL"><text>x</text></a></svg>',
    '<svg><animate onbegin=CALL attributeName=x dur=1s>', '<svg><set onbegin=CALL attributeName=x>',
    '<svg><a><animate attributeName=href values="javascript:CALL"/><text y=20>x</text></a>', '<svg><use href="data:image/svg+xml,<svg id=x onload=CALL/>#x">',
    '<svg><foreignObject><iframe srcdoc="<script>parent.__x(NUMBER)</script>"></iframe></foreignObject></svg>',
    '<svg><style><img src=x onerror=CALL></style></svg>', '<svg><title><img src=x onerror=CALL></title></svg>', '<svg><desc><img src=x onerror=CALL>',
    '<math><mtext><table><mglyph><style><img src=x onerror=CALL>', '<math><mtext></form><form><mglyph><style></math><img src=x onerror=CALL>',
    '<form><math><mtext></form><form><mglyph><style></math><img src onerror=CALL>', '<math href="javascript:CALL">x</math>',
    '<math><annotation-xml encoding="text/html"><img src=x onerror=CALL></annotation-xml></math>',
    '<svg></p><style><a id="</style><img src=x onerror=CALL>">', '<svg><p><style><!--</style><img src=x onerror=CALL>-->',
    '<noscript><p title="</noscript><img src=x onerror=CALL>">', '<noembed><p title="</noembed><img src=x onerror=CALL>">',
    '<xmp><p title="</xmp><svg/onload=CALL>">', '<template><img src=x onerror=CALL></template>', '<table><td><template shadowrootmode=open><img src=x onerror=CALL>',
    '<div><template shadowrootmode="open"><script>CALL</script></template></div>', '<select><style></select><img src=x onerror=CALL></style>',
    '<table background="javascript:CALL"><tr><td>x', '<a href="x"><table><a href="javascript:CALL">', '<p><svg><p><img src=x onerror=CALL>',
    '<option><style></option></select><b><img src=x onerror=CALL></style>', '<title><a title="</title><img src=x onerror=CALL>">',
    '<listing>&lt;img src=x onerror=CALL&gt;</listing>', '<x><![CDATA[<img src=x onerror=CALL>]]>', '<svg><![CDATA[><image xlink:href="]]><img src=x onerror=CALL>">',
    '<!DOCTYPE x [<!ENTITY y "<img src=x onerror=CALL>">]>&y;', '<?xml-stylesheet href="javascript:CALL"?>', '<!--[if gte IE 4]><script>CALL</script><![endif]-->',
    '<b <script>CALL</script>>', '<<script>CALL</script>', '<scr<script>ipt>CALL</scr</script>ipt>', '<img """><script>CALL</script>">',
    '<a title="<img src=x onerror=CALL>"', '<dialog open onclose=CALL><form method=dialog><button autofocus>', '<math><a xlink:href=javascript:CALL>x',
];
const FRAMES = [
    '<iframe srcdoc="<script>parent.__x(NUMBER)</script>"></iframe>', '<iframe srcdoc="&lt;script&gt;parent.__x(NUMBER)&lt;/script&gt;"></iframe>',
    '<iframe src="javascript:parent.__x(NUMBER)"></iframe>', '<iframe src="data:text/html,<script>CALL</script>"></iframe>', '<frameset onload=CALL>',
    '<object data="data:text/html,<script>CALL</script>"></object>', '<object data="javascript:CALL"></object>', '<embed src="javascript:CALL">',
    '<embed src="data:text/html,<script>CALL</script>">', '<base href="javascript:CALL//">', '<meta http-equiv=refresh content="0;url=javascript:CALL">',
    '<meta http-equiv="refresh" content="0;data:text/html,<script>CALL</script>">', '<form action="javascript:CALL"><button>x</button></form>',
    '<button form=x formaction="javascript:CALL">x</button>', '<isindex action="javascript:CALL" type=image>', '<link rel=import href="data:text/html,<script>CALL</script>">',
    '<link rel="modulepreload" href="data:text/javascript,CALL">', '<script type=module>CALL</script>', '<script src="data:text/javascript,CALL"></script>',
    '<script type="importmap">{"imports":{"x":"data:text/javascript,CALL"}}</script>', '<area href="javascript:CALL">', '<portal src="javascript:CALL">',
];
const STYLES = [
    '<style>@import "javascript:CALL";</style>', '<style>*{background:url("javascript:CALL")}</style>', '<div style="background:url(javascript:CALL)">',
    '<div style="width:expression(CALL)">', '<div style="-moz-binding:url(data:text/xml,CALL)">', '<div style="behavior:url(CALL)">',
    '<style>@keyframes x{}</style><p style="animation-name:x" onanimationend=CALL>', '<style></style ><img src=x onerror=CALL>',
    '<p style="x:\\22 onmouseover=CALL">', '<div style="content:\'</style><script>CALL</script>\'">', '<xss style="transition:1s" ontransitionend=CALL>',
];
const MARKDOWN = [
    '[x](<javascript:CALL>)', '[x](javascript:CALL "t")', '[x](javascript\\:CALL)', '[x]( javascript:CALL )', '[x](&#x6a;avascript:CALL)',
    '![x](javascript:CALL)', '![x"onerror="CALL](x)', '![x](x "t\\" onerror=\\"CALL")', '![x](x"onerror="CALL)', '![x](<x"onerror=CALL>)',
    '[x](x "\\"onfocus=CALL autofocus=\\"")', '[x](x \'"onfocus=CALL autofocus="\')', '[x][1]\n\n[1]: javascript:CALL', '[x][1]\n\n[1]: <javascript:CALL> "t"',
    '[x][]\n\n[x]: data:text/html,<script>CALL</script>', '[x]\n\n[x]:\n javascript:CALL', '<javascript:CALL>', '<data:text/html,CALL>', '<x:"onfocus=CALL>',
    '<https://example.org/"onfocus="CALL">', 'https://example.org/"onfocus="CALL', 'https://example.org/<script>CALL</script>', 'www.example.org"><script>CALL</script>',
    '<a@b.org"onfocus="CALL>', 'a@b.org"><script>CALL</script>', '```"onload="CALL\nx\n```', '```x"><script>CALL</script>\nx\n```', '~~~ "><img src=x onerror=CALL>\n~~~',
    '`</code><script>CALL</script>`', '``<img src=x onerror=CALL>``', '    <script>CALL</script>', '<div\n>\n<script>CALL</script>\n</div>', '<div>\n\n<script>CALL</script>',
    '<!-- -->\n<script>CALL</script>', '<?x?><script>CALL</script>', '<![CDATA[x]]><script>CALL</script>', '<pre>\n<script>CALL</script>\n</pre>',
    '[[x](javascript:CALL)](x)', '[![x](javascript:CALL)](javascript:CALL)', '[a[b](javascript:CALL)c](d)', '![[x](y)](javascript:CALL)', '[*x](javascript:CALL)*',
    '*<img src=x onerror=CALL>*', '| a |\n|---|\n| <script>CALL</script> |', '| a<img src=x onerror=CALL> |\n|:-:|\n| [x](javascript:CALL) |', '~~<svg/onload=CALL>~~',
    '# <script>CALL</script>', '> <script>CALL</script>', '- <img src=x onerror=CALL>', '1. [x](javascript:CALL)', '<b\tonclick=CALL\tautofocus>x</b>', '\\<script>CALL</script>',
    '&lt;script&gt;CALL&lt;/script&gt;', '&amp;lt;img src=x onerror=CALL&amp;gt;', '&#60;img src=x onerror=CALL&#62;', '&#x3c;script&#x3e;CALL&#x3c;/script&#x3e;',
    '@mara"><script>CALL</script>', '@<img src=x onerror=CALL>', '@mara" onfocus="CALL', '[@mara](javascript:CALL)', '@javascript:CALL', '[x](//example.org/"onfocus=CALL)',
    '[x](/\\javascript:CALL)', '[x](x\n"onfocus=CALL)', '<a href="javascript:CALL">x</a>', '<a href=javascript&colon;CALL>x</a>', '<a\nhref\n=\n"javascript:CALL">x</a>',
];
const TEMPLATES = [
    '{{{portal.token}}}<img src=x onerror=CALL>', '{{#x}}<script>CALL</script>{{/x}}', '{{>shell}}<script>CALL</script>', '{{=<% %>=}}<script>CALL</script>', '{{!--}}<svg/onload=CALL>',
    '{{& x}}<img src=x onerror=CALL>', '{{constructor.constructor("CALL")()}}', '{{json x}}</script><script>CALL</script>', '${{<script>CALL</script>}}', '<%= CALL %>', '{%raw%}<script>CALL</script>',
    '#{CALL}', '[[CALL]]', '{{portal.viewer.name}}"onfocus="CALL', '</script>{{"@type":"<script>CALL</script>"}}', '{name}<script>CALL</script>', '%s%n<script>CALL</script>',
];
const CHARACTERS = [
    '<scr\u0000ipt>CALL</scr\u0000ipt>', '<\u0000script>CALL</script>', '<img src=x\u0000onerror=CALL>', '<img\u000bsrc=x onerror=CALL>', '<img\u000csrc=x\u000conerror=CALL>',
    '<img/src=x/onerror=CALL>', '<img\rsrc=x\ronerror=CALL>', '<img src=x onerror\u0000=CALL>', '<img src=x onerror\n=\nCALL>', '<img src=x onerror=\u0001CALL>', '\u202e<script>CALL</script>\u202c',
    '\u2066<img src=x onerror=CALL>\u2069', '＜script＞CALL＜/script＞', '‹img src=x onerror=CALL›', '\ufeff<script>CALL</script>', '\ud83d<script>CALL</script>', '\udc00"><img src=x onerror=CALL>',
    '<ſcript>CALL</ſcript>', '<ıframe onload=CALL>', '<İmg src=x onerror=CALL>', '+ADw-script+AD4-CALL+ADw-/script+AD4-', '%3Cscript%3ECALL%3C/script%3E', '\\u003cscript\\u003eCALL\\u003c/script\\u003e',
    '\u001b[31m<script>CALL</script>', '\r\n\r\n<script>CALL</script>', '\u0085<img src=x onerror=CALL>', '\u2029<img src=x onerror=CALL>',
];

const filled = (shape, n) => shape
    .replaceAll('BASE', Buffer.from(`<script>${tell(n)}</script>`).toString('base64')).replaceAll('NUMBER', String(n)).replaceAll('CALL', tell(n));

/** All payloads: [{ number, text }], in this order for ever; `window.__x(number)` is what each would run. */
export function payloads() {
    const shapes = [
        ...SELF.flatMap(([name, attributes]) => [`<${name} ${attributes}CALL>`, `<${name.toUpperCase()}/${attributes.replaceAll(' ', '/')}"CALL"//`]),
        ...SCHEMES.flatMap((scheme) => [`[x](${scheme})`, `<a href="${scheme.replaceAll('"', '&quot;')}">x</a>`]),
        ...BROKEN_OUT, ...TREES, ...FRAMES, ...STYLES, ...MARKDOWN, ...TEMPLATES, ...CHARACTERS,
    ];
    return shapes.map((shape, number) => ({ number, text: filled(shape, number) }));
}

/** Images that are something else too, and something else that is called an image: [{ name, type, bytes }]. */
export function disguisedUploads(image) {
    const script = `<script>${tell('"file"')}</script>`;
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" onload="${tell('"file"')}">${script}</svg>`;
    const html = `<!doctype html>${script}`;
    return [
        { name: 'picture.png', type: 'image/png', bytes: Buffer.from(svg) }, { name: 'picture.svg', type: 'image/svg+xml', bytes: Buffer.from(svg) },
        { name: 'picture.svg.png', type: 'image/svg+xml', bytes: Buffer.from(`<?xml version="1.0"?>${svg}`) },
        { name: 'picture.png', type: 'image/png', bytes: Buffer.from(html) }, { name: 'picture.html', type: 'text/html', bytes: Buffer.from(html) },
        { name: 'picture.gif', type: 'image/gif', bytes: Buffer.from(`GIF89a/*${html}*/=0;`) }, { name: 'picture.pdf', type: 'application/pdf', bytes: Buffer.from(`%PDF-1.7\n${html}`) },
        { name: 'picture.html', type: 'image/png', bytes: Buffer.concat([image, Buffer.from(html)]) },
        { name: 'picture.svg', type: 'image/svg+xml', bytes: Buffer.concat([image, Buffer.from(svg)]) },
        { name: 'picture.js', type: 'text/javascript', bytes: Buffer.concat([image, Buffer.from(`;${tell('"file"')}`)]) },
    ];
}
