/* A module that writes over everything its process shares with the supervisor and the other processes: descriptors
 * and memory. It spoils its own process at most. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';

import { root } from '../lib/paths.mjs';
import { startPortal } from '../lib/portal.mjs';
import { until } from '../lib/wait.mjs';

const run = promisify(execFile);
const scratch = mkdtempSync(path.join(os.tmpdir(), 'portico-vandal-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

const SOURCE = String.raw`
#include <errno.h>
#include <portico/portico.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int answer(struct portico_request *request)
{
    return portico_reply_bytes(request, "text/plain", "ok\n", 3);
}

static int is_channel(int descriptor)
{
    int type = 0;
    socklen_t size = sizeof type;
    return getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_SEQPACKET;
}

static void send_with(int channel, const char *data, size_t length, size_t descriptors)
{
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(4 * sizeof(int))];
    } control;
    memset(&control, 0, sizeof control);
    struct iovec part = { .iov_base = (void *)data, .iov_len = length };
    struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
    const int given[4] = { 2, 2, 2, 2 };
    if (descriptors) {
        message.msg_control = control.space;
        message.msg_controllen = CMSG_SPACE(descriptors * sizeof(int));
        control.header.cmsg_level = SOL_SOCKET;
        control.header.cmsg_type = SCM_RIGHTS;
        control.header.cmsg_len = CMSG_LEN(descriptors * sizeof(int));
        memcpy(CMSG_DATA(&control.header), given, descriptors * sizeof(int));
    }
    sendmsg(channel, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static int garbage(struct portico_request *request)
{
    static const char *const messages[] = { "nonsense", "", "[]", "{\"type\":\"drain\"}", "\xff\xfe\x00" };
    for (int descriptor = 3; descriptor < 64; descriptor++)
        for (size_t i = 0; is_channel(descriptor) && i < 5; i++)
            send_with(descriptor, messages[i], i == 4 ? 3 : strlen(messages[i]), i % 3);
    return answer(request);
}

/* Messages with more descriptors than any may carry. */
static int descriptors(struct portico_request *request)
{
    for (int i = 0; i < 10; i++)
        for (size_t count = 1; count <= 4; count++)
            send_with(3, "{\"type\":\"x\"}", 12, count);
    return answer(request);
}

/* A route that does not exist, whose name would be cut within a character; five times is a crash too many. */
static int forge(struct portico_request *request)
{
    char message[256];
    int length = snprintf(message, sizeof message, "{\"type\":\"replace\",\"route\":\"%s", "x");
    while (length < 200)
        length += snprintf(message + length, sizeof message - (size_t)length, "\xe2\x82\xac");
    length += snprintf(message + length, sizeof message - (size_t)length, "\"}");
    for (int i = 0; i < 5; i++)
        send_with(3, message, (size_t)length, 0);
    length = snprintf(message, sizeof message,
                      "{\"type\":\"open\",\"route\":\"\\u001b[2J\\u009b2J\",\"wait\":-9223372036854775808}");
    send_with(3, message, (size_t)length, 0);
    return answer(request);
}

/* All memory that is shared with others, with one byte after the other. */
static int scribble(struct portico_request *request)
{
    FILE *maps = fopen("/proc/self/maps", "re");
    char line[512];
    while (maps && fgets(line, sizeof line, maps)) {
        unsigned long begin, end;
        if (!strstr(line, "memfd:portico") || sscanf(line, "%lx-%lx", &begin, &end) != 2)
            continue;
        for (int byte = 255; byte >= 0; byte -= 51)
            memset((void *)begin, byte, end - begin);
        for (unsigned long at = begin; at + 8 <= end; at += 8)
            *(long long *)at = at % 16 ? 1ll << 63 : 0x2e1b5b2e1b5b0001ll;
    }
    if (maps)
        fclose(maps);
    return answer(request);
}

#define ROUTE(name)                                                                                \
    {                                                                                              \
        .method = "GET", .pattern = "/vandal/" #name, .handler = name,                             \
        .permission = PORTICO_PUBLIC                                                               \
    }
static const struct portico_route routes[] = {
    ROUTE(answer), ROUTE(garbage), ROUTE(descriptors), ROUTE(forge), ROUTE(scribble),
};
static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .title = "Vandal",
    .routes = PORTICO_LIST(routes),
};
PORTICO_EXPORT_MODULE(module)
`;

async function build() {
    const directory = path.join(scratch, 'vandal');
    mkdirSync(directory, { mode: 0o755 });
    writeFileSync(path.join(scratch, 'vandal.c'), SOURCE);
    await run('cc', ['-std=gnu17', '-shared', '-fPIC', '-w', '-I', path.join(root, 'include'), '-DPORTICO_MODULE_ID="vandal"',
        '-DPORTICO_MODULE_VERSION="1.0.0"', '-o', path.join(directory, 'vandal.so'), path.join(scratch, 'vandal.c')]);
    chmodSync(path.join(directory, 'vandal.so'), 0o755);
    return directory;
}

describe('a module that writes over what its process shares', () => {
    let portal, supervisor;
    before(async () => {
        portal = await startPortal({ modules: { vandal: { path: await build() } }, settings: { server: { workers: 2, jobs: 1 } } });
        supervisor = await status(portal);
    });
    after(() => portal?.close());

    const status = async (of) => JSON.parse((await of.cli('status', '--json')).stdout);
    const answers = async () => {
        try {
            return (await fetch(`${portal.url}/vandal/answer`)).status === 200;
        } catch {
            return false; /* a process that it spoiled ends its connections */
        }
    };
    const visit = async (what) => {
        try {
            await (await fetch(`${portal.url}/vandal/${what}`)).arrayBuffer();
        } catch {
            /* its own process may end of it */
        }
    };
    /* All processes serve again, under the supervisor of the beginning, and a reload still works. */
    const stands = async () => {
        await until(answers, { what: 'the portal answers' });
        const now = await until(async () => {
            const found = await status(portal);
            const serving = found.workers.filter((worker) => worker.state === 'serving');
            return serving.length >= 2 ? found : undefined;
        }, { what: 'two workers serve' });
        assert.equal(now.pid, supervisor.pid);
        assert.ok(portal.isRunning());
        return now;
    };

    test('the supervisor outlives garbage on every channel', async () => {
        for (let i = 0; i < 4; i++)
            await visit('garbage');
        await stands();
    });

    test('the supervisor keeps no descriptor that was sent to it', async () => {
        const open = () => readdirSync(`/proc/${portal.pid}/fd`).length;
        await portal.cli('reload');
        await stands();
        const begun = open();
        for (let i = 0; i < 10; i++)
            await visit('descriptors');
        await stands();
        await until(() => open() < begun + 20, { what: 'the descriptors are closed' });
    });

    test('a forged label ends no other process and reaches no terminal', async () => {
        const begun = new Set((await stands()).workers.map((worker) => worker.pid));
        for (let i = 0; i < 6; i++)
            await visit('forge');
        const now = await stands();
        assert.ok(begun.size >= 2 && !portal.log().includes('The supervisor ended'), portal.log());
        assert.ok(!/[\u0000-\u001f\u007f-\u009f]/.test(now.taken_out.map((row) => row.route).join('')));
        assert.ok(!portal.log().includes('not UTF-8'));
        assert.ok(portal.lines().filter((line) => line.message?.includes('do not return')).length <= 6);
    });

    test('the supervisor outlives every byte in the shared memory', async () => {
        for (let i = 0; i < 4; i++)
            await visit('scribble');
        await stands();
        /* A process that it spoiled may end while it is asked. */
        await until(async () => {
            const metrics = await fetch(`${portal.url}/metrics`);
            await metrics.text();
            return metrics.status === 200;
        }, { what: 'the figures' });
        assert.equal((await portal.cli('status')).code, 0);
        assert.equal((await portal.cli('reload')).code, 0);
        await stands();
    });
});
