/* A real browser for tests: Debian's Chromium, driven by playwright-core, judged by axe-core. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

import { chromium } from 'playwright-core';

import { root } from './paths.mjs';

const axeSource = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const screenshots = path.join(root, 'build/screenshots');

/** Starts Chromium; CHROMIUM names another program than /usr/bin/chromium. */
export function startBrowser() {
    const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
    if (!existsSync(executablePath))
        throw new Error(`${executablePath} is not there. Run ./dev test, which installs chromium.`);
    const args = ['--disable-gpu', '--disable-dev-shm-usage', '--force-color-profile=srgb'];
    if (process.getuid() === 0)
        args.push('--no-sandbox');
    return chromium.launch({ executablePath, args });
}

/** Opens `url` in a fresh context with `cookies`: { page, close() }. Anything the browser complains about fails `close`. */
export async function openPage(browser, url, { width = 1440, height = 900, scheme = 'light', script = true, cookies = [], ...more } = {}) {
    const context = await browser.newContext({
        viewport: { width, height }, colorScheme: scheme, javaScriptEnabled: script, reducedMotion: 'reduce',
        locale: 'en-GB', timezoneId: 'UTC', ...more,
    });
    await context.addCookies(cookies);
    const page = await context.newPage();
    const complaints = [];
    page.on('pageerror', (error) => complaints.push(`script: ${error.message}`));
    page.on('console', (message) => {
        if (message.type() === 'error')
            complaints.push(`console: ${message.text()}`);
    });
    page.on('requestfailed', (request) => {
        /* A stream of news ends with its page, and so do a look for similar questions and a preview that are under way
         * when one sends. */
        const ends = request.url().includes('/portico/live')
            || (/\/similar\?|\/portico\/markdown$/.test(request.url()) && request.failure()?.errorText === 'net::ERR_ABORTED');
        if (!ends)
            complaints.push(`failed: ${request.url()} ${request.failure()?.errorText}`);
    });
    page.on('response', (response) => {
        if (response.status() >= 400 && !response.url().endsWith('/favicon.ico'))
            complaints.push(`${response.status()}: ${response.url()}`);
    });
    await page.goto(url, { waitUntil: 'load' });
    return {
        page,
        complaints,
        async close() {
            await context.close();
            if (complaints.length)
                throw new Error(`The browser complained about ${url}:\n${complaints.join('\n')}`);
        },
    };
}

/**
 * Serious and critical findings of axe-core, as readable lines; `every`: the slight ones too; `rules`: ids of those to
 * try, all otherwise. The content policy is bypassed to inject it.
 */
export async function accessibilityFindings(page, { every = false, rules } = {}) {
    if (!await page.evaluate('Boolean(window.axe)'))
        await page.evaluate(readFileSync(axeSource, 'utf8'));
    const runOnly = rules ? { type: 'rule', values: rules }
        : { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] };
    const results = await page.evaluate((options) => window.axe.run(document, options), { runOnly });
    return results.violations
        .filter(({ impact }) => every || impact === 'serious' || impact === 'critical')
        .flatMap(({ id, impact, nodes }) => nodes.map((node) =>
            `${impact} ${id}: ${node.html.slice(0, 160)} (${[...node.any, ...node.all, ...node.none].map((one) => one.message).join('; ')})`));
}

/** Elements that make the page scroll sideways; empty when it does not. */
export function sidewaysScroll(page) {
    return page.evaluate(() => {
        const width = document.documentElement.clientWidth;
        if (document.documentElement.scrollWidth <= width)
            return [];
        const clipped = (element) => {
            for (let up = element.parentElement; up && up !== document.body; up = up.parentElement)
                if (getComputedStyle(up).overflowX !== 'visible')
                    return true;
            return false;
        };
        const culprits = [...document.body.querySelectorAll('*')]
            .filter((element) => element.getBoundingClientRect().right > width + 1 && !clipped(element))
            .map((element) => `<${element.localName} class="${element.getAttribute('class') ?? ''}"> reaches ${Math.round(element.getBoundingClientRect().right)} of ${width}`);
        return culprits.length ? culprits.slice(0, 10) : [`the page is ${document.documentElement.scrollWidth} wide, the window ${width}`];
    });
}

/** Writes build/screenshots/NAME.png for a person to look at. */
export async function screenshot(page, name, { full = false } = {}) {
    mkdirSync(screenshots, { recursive: true });
    await page.screenshot({ path: path.join(screenshots, `${name}.png`), fullPage: full });
}
