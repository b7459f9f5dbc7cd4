import react from "@vitejs/plugin-react";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** One HTML file an app: the console at `/`; the tablet and the planner get a line each when they come. */
const PAGES = { console: "index.html" };

const SERVICE = process.env["PATROL_SERVICE"] ?? "http://127.0.0.1:8135";

export default defineConfig({
  plugins: [react()],
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
