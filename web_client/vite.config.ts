import react from "@vitejs/plugin-react";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** One HTML file an app: the console at `/`, a tablet's enrolment; tablet and planner get a line each. */
const PAGES = { console: "index.html", enrol: "enrol.html" };

/**
 * What one app's JavaScript may weigh, compressed. MapLibre 5 shares its code between page and worker in one file
 * (269 KiB); version 6 ships the worker apart (432 KiB for both), which leaves no room for the app.
 */
const MOST_GZIP_BYTES = 450 * 1024;

/** Fails the build where the budget is exceeded. */
const budget: Plugin = {
  name: "budget",
  generateBundle(_options, bundle) {
    const chunks = Object.values(bundle).flatMap((file) => (file.type === "chunk" ? file.code : []));
    const bytes = chunks.reduce((sum, code) => sum + gzipSync(code, { level: 9 }).length, 0);
    if (bytes > MOST_GZIP_BYTES * Object.keys(PAGES).length) this.error(`${bytes} bytes of JavaScript, ${MOST_GZIP_BYTES} allowed`);
  },
};

const SERVICE = process.env["PATROL_SERVICE"] ?? "http://127.0.0.1:8135";

export default defineConfig({
  plugins: [react(), budget],
  build: {
    target: "es2022",
    outDir: "dist",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1600,
    rolldownOptions: {
      input: Object.fromEntries(
        Object.entries(PAGES).map(([name, file]) => [name, fileURLToPath(new URL(file, import.meta.url))]),
      ),
    },
  },
  server: { proxy: { "/api": SERVICE, "/ws": { target: SERVICE, ws: true } } },
  test: { include: ["tests/**/*.test.ts"], environment: "node" },
});
