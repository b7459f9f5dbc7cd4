/*
 * The tablet's service worker: the page starts without a network. The shell is the page and all that it names; it is
 * renewed whole or not at all, behind the running page. The ground comes from the network where there is one, else as
 * it was last seen. Commands, tickets and photos never come this way.
 */
const SHELL = "patrol-shell-1";
const GROUND = "patrol-ground-1";
const FACES = "patrol-faces-1";
const PAGE = "/tablet";
const BESIDE = ["/tablet.webmanifest", "/tablet-192.png", "/tablet-512.png"];
const GROUND_PATHS = ["/api/ground", "/api/ground/places"];
const NETWORK_WITHIN_MS = 6000;

/** Fetch the page and every file it names, then put them in place: files first, the page last. */
async function renew() {
  const answer = await fetch(PAGE, { cache: "no-cache" });
  if (!answer.ok) throw new Error(`${PAGE}: HTTP ${answer.status}`);
  const html = await answer.clone().text();
  const named = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map((match) => match[1]);
  const shell = await caches.open(SHELL);
  const wanted = new Set([...named, ...BESIDE]);
  for (const path of wanted) {
    if (path.startsWith("/assets/") && (await shell.match(path))) continue; // its name is its content
    const file = await fetch(path, { cache: "no-cache" });
    if (!file.ok) throw new Error(`${path}: HTTP ${file.status}`);
    await shell.put(path, file);
  }
  await shell.put(PAGE, answer);
  for (const held of await shell.keys()) {
    const path = new URL(held.url).pathname;
    if (path !== PAGE && !wanted.has(path)) await shell.delete(held);
  }
}

self.addEventListener("install", (event) => {
  event.waitUntil(renew().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = caches.keys().then((names) => Promise.all(names.filter((name) => name.startsWith("patrol-") && ![SHELL, GROUND, FACES].includes(name)).map((name) => caches.delete(name))));
  event.waitUntil(old.then(() => self.clients.claim()));
});

async function page(event) {
  const held = await (await caches.open(SHELL)).match(PAGE);
  if (!held) return fetch(event.request);
  event.waitUntil(renew().catch(() => undefined)); // for the next start
  return held;
}

async function kept(request) {
  const path = new URL(request.url).pathname;
  return (await (await caches.open(SHELL)).match(path)) ?? fetch(request);
}

/** Typefaces come by need, in small files whose names are their content. */
async function face(request) {
  const held = await caches.open(FACES);
  const found = await held.match(request);
  if (found) return found;
  const answer = await fetch(request);
  if (answer.ok) await held.put(request, answer.clone()).catch(() => undefined); // a full disk breaks no page
  return answer;
}

async function ground(request) {
  const held = await caches.open(GROUND);
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(NETWORK_WITHIN_MS) });
    if (answer.ok) await held.put(new URL(request.url).pathname, answer.clone()).catch(() => undefined);
    return answer;
  } catch (error) {
    const last = await held.match(new URL(request.url).pathname);
    if (last) return last;
    throw error;
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (request.mode === "navigate" && pathname === PAGE) event.respondWith(page(event));
  else if (pathname.startsWith("/assets/") && pathname.endsWith(".woff2")) event.respondWith(face(request));
  else if (pathname.startsWith("/assets/") || BESIDE.includes(pathname)) event.respondWith(kept(request));
  else if (GROUND_PATHS.includes(pathname)) event.respondWith(ground(request));
});
