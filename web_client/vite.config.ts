import react from "@vitejs/plugin-react";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** One HTML file an app; each that stands here is built. */
const HERE = fileURLToPath(new URL(".", import.meta.url));
const PAGES = readdirSync(HERE).filter((name) => name.endsWith(".html"));

/**
 * What one app's JavaScript may weigh, compressed. MapLibre 5 shares its code between page and worker in one file
 * (269 KiB); version 6 ships the worker apart (432 KiB for both), which leaves no room for the app.
 */
const MOST_GZIP_BYTES = 450 * 1024;

/** Fails the build where an app, with all that it loads at once or later, exceeds the budget. */
const budget: Plugin = {
  name: "budget",
  generateBundle(_options, bundle) {
    for (const entry of Object.values(bundle)) {
      if (entry.type !== "chunk" || !entry.isEntry) continue;
      const wanted = new Set([entry.fileName]);
      for (const name of wanted) {
        const file = bundle[name];
        if (file?.type === "chunk") for (const next of [...file.imports, ...file.dynamicImports]) wanted.add(next);
      }
      const code = [...wanted].flatMap((name) => (bundle[name]?.type === "chunk" ? bundle[name].code : []));
      const bytes = code.reduce((sum, text) => sum + gzipSync(text, { level: 9 }).length, 0);
      if (bytes > MOST_GZIP_BYTES) this.error(`${entry.name}: ${bytes} bytes of JavaScript, ${MOST_GZIP_BYTES} allowed`);
    }
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
      input: Object.fromEntries(PAGES.map((file) => [file.replace(/\.html$/, ""), `${HERE}${file}`])),
    },
  },
  server: { proxy: { "/api": SERVICE, "/ws": { target: SERVICE, ws: true } } },
  test: { include: ["tests/**/*.test.ts"], environment: "node" },
});
