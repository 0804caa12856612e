// Chromium with one page per person, served from a small web server of this process.
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { chromium } from "playwright-core";

const html = '<!doctype html><meta charset="utf-8"><title>person</title><script src="/page.js"></script>';

const wasm = "pkg/matrix_sdk_crypto_wasm_bg.wasm";

// The page's script is one of dist/, without its extension.
export async function openBrowser(page = "page") {
  const read = (file) => readFile(new URL(`dist/${file}`, import.meta.url));
  const files = {
    "/": ["text/html", html],
    "/page.js": ["text/javascript; charset=utf-8", await read(`${page}.js`)],
    [`/${wasm}`]: ["application/wasm", await read(wasm)],
  };
  const web = createServer((request, response) => {
    const [type, content] = files[request.url] ?? ["text/plain", undefined];
    response.writeHead(content ? 200 : 404, { "content-type": type });
    response.end(content ?? "");
  });
  await new Promise((resolve) => web.listen(0, "127.0.0.1", resolve));
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
    ],
  });
  return {
    person: (name, faults) => openPerson(browser, `http://127.0.0.1:${web.address().port}/`, name, faults),
    close: async () => {
      await browser.close();
      web.closeAllConnections();
      web.close();
    },
  };
}

// Each person has a browser context of their own: storage, connections and offline switch.
async function openPerson(browser, url, name, faults) {
  const context = await browser.newContext();
  const page = await context.newPage();
  const syncs = [];
  page.on("pageerror", (error) => faults.push(`${name}: uncaught ${error.message}`));
  page.on("request", (request) => request.url().includes("/v3/sync?") && syncs.push(new URL(request.url())));
  page.on("response", (response) => {
    if (response.status() >= 500) faults.push(`${name}: ${response.request().method()} ${response.url()} -> ${response.status()}`);
  });
  const open = async () => {
    await page.goto(url);
    await page.waitForFunction(() => window.person !== undefined);
  };
  await open();

  // Errors of the SDK carry objects that do not travel out of the page: only their name and message do.
  const inPage = async ([verb, args]) => {
    try {
      return await window.person[verb](...args);
    } catch (error) {
      throw new Error(`${error.name}: ${error.message}`);
    }
  };
  const call = (verb, ...args) => page.evaluate(inPage, [verb, args]);
  return {
    name,
    call,
    syncs,
    reload: open,
    close: () => context.close(),
    offline: (off) => context.setOffline(off),
    // Waits until the page's answer is the wanted one; says both when it never becomes so.
    async until(wanted, verb, ...args) {
      const isSo = ([v, a, w]) => JSON.stringify(window.person[v](...a)) === w;
      try {
        await page.waitForFunction(isSo, [verb, args, JSON.stringify(wanted)], { timeout: 20000, polling: 50 });
      } catch (error) {
        const seen = await call(verb, ...args).catch((e) => e.message);
        throw new Error(`${name} waited for ${verb}(${args}) to be ${JSON.stringify(wanted)}; it is ${JSON.stringify(seen)} (${error.name})`);
      }
    },
    async untilMessages(room, count, timeout = 60000) {
      const isSo = ([r, n]) => window.person.messages(r).filter((m) => m.status === null).length >= n;
      await page.waitForFunction(isSo, [room, count], { timeout, polling: 50 }).catch(async () => {
        const seen = await call("messages", room);
        throw new Error(`${name} waited for ${count} messages and has ${seen.length}: ${JSON.stringify(seen.map((m) => m.body))}`);
      });
    },
  };
}
