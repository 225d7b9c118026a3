/* A mail server of the test's own: a real SMTP conversation, with answers the test decides on. */
import net from 'node:net';
import tls from 'node:tls';

/**
 * Starts one: { port, messages, conversations, close }. `messages` are those taken over, each { from, to, text };
 * `conversations` are all lines said by clients, one list a connection. Options:
 * - answer: (verb, line, count) => text sent in place of the usual reply; `count` counts such verbs over all
 *   connections, from 1. 'CUT' ends the connection, 'SILENCE' says nothing any more. "BODY" is the end of the text;
 * - secure: { key, cert } offers STARTTLS.
 */
export async function startSmtp({ answer = () => undefined, secure } = {}) {
    const messages = [];
    const conversations = [];
    const counts = {};
    const open = new Set();

    function converse(socket) {
        const said = [];
        let message = {};
        let inText = false;
        let rest = '';
        conversations.push(said);

        function reply(verb, line, usual) {
            counts[verb] = (counts[verb] ?? 0) + 1;
            const own = answer(verb, line, counts[verb]);
            if (own === 'CUT')
                socket.destroy();
            else if (own !== 'SILENCE')
                socket.write(`${own ?? usual}\r\n`);
            return own === undefined || own.startsWith('2') || own.startsWith('3');
        }

        function hearText(line) {
            if (line !== '.') {
                message.text += `${line.replace(/^\./, '')}\r\n`;
                return;
            }
            inText = false;
            if (reply('BODY', line, '250 2.0.0 queued as 42'))
                messages.push(message);
        }

        function hear(line) {
            if (inText)
                return hearText(line);
            said.push(line);
            const verb = line.split(' ')[0].toUpperCase();
            const path = /<(.*)>/.exec(line)?.[1];
            if (verb === 'EHLO') {
                reply(verb, line, `250-sink\r\n${secure && !socket.encrypted ? '250-STARTTLS\r\n' : ''}250 8BITMIME`);
            } else if (verb === 'STARTTLS' && secure) {
                if (reply(verb, line, '220 go ahead'))
                    upgrade();
            } else if (verb === 'MAIL') {
                message = { from: path, text: '' };
                reply(verb, line, '250 sender ok');
            } else if (verb === 'RCPT') {
                message.to = path;
                reply(verb, line, '250 recipient ok');
            } else if (verb === 'DATA') {
                inText = reply(verb, line, '354 go on');
            } else if (verb === 'QUIT') {
                reply(verb, line, '221 bye');
                socket.end();
            } else {
                reply(verb, line, '502 not here');
            }
        }

        function listen() {
            socket.on('data', (part) => {
                rest += part.toString('latin1');
                for (let end; (end = rest.indexOf('\r\n')) >= 0;) {
                    const line = rest.slice(0, end);
                    rest = rest.slice(end + 2);
                    hear(line);
                }
            });
            socket.on('error', () => {});
        }

        function upgrade() {
            socket.removeAllListeners('data');
            socket = new tls.TLSSocket(socket, { isServer: true, ...secure });
            open.add(socket);
            rest = '';
            listen();
        }

        listen();
        reply('GREETING', '', '220 sink ESMTP');
    }

    const server = net.createServer((socket) => {
        open.add(socket);
        converse(socket);
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    return {
        port: server.address().port,
        messages,
        conversations,
        close() {
            for (const socket of open)
                socket.destroy();
            return new Promise((resolve) => server.close(resolve));
        },
    };
}
