/** The administration page: both languages whole, every role its own tabs, and no passkeys where there can be none. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { readFileSync } from "node:fs";
import { ADMIN_DICTIONARIES } from "../src/i18n/admin";
import { tabsOf } from "../src/apps/admin/Admin";
import { passkeysWork } from "../src/wire/passkeys";

type Tree = { readonly [key: string]: string | Tree };

function leaves(tree: Tree, path = ""): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]) => (typeof value === "string" ? [[`${path}${key}`, value] as [string, string]] : leaves(value, `${path}${key}.`)));
}

describe("words", () => {
  const zh = new Map(leaves(ADMIN_DICTIONARIES["zh-CN"] as unknown as Tree));
  const en = new Map(leaves(ADMIN_DICTIONARIES.en as unknown as Tree));

  it("are there in both languages, with the same places to fill", () => {
    expect([...en.keys()].sort()).toEqual([...zh.keys()].sort());
    const holes = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();
    for (const [key, sentence] of zh) {
      expect(sentence, key).not.toBe("");
      expect(holes(en.get(key) ?? ""), key).toEqual(holes(sentence));
      expect(en.get(key), key).not.toMatch(/[\u4e00-\u9fff]/);
      expect(sentence, key).not.toMatch(/[\u4e00-\u9fff][,;:(]|[,;:)][\u4e00-\u9fff]/);
    }
  });

  it("name every event that the service puts on the audit", () => {
    const server = new URL("../../dispatch/server/", import.meta.url);
    for (const file of ["people.py", "passkeys.py", "devices.py", "trackers.py"]) {
      const code = readFileSync(new URL(file, server), "utf8");
      const noted = [...code.matchAll(/\.note\(\s*[^,]+?,\s*"(\w+)"(?: if [^,]*? else "(\w+)")?/g)].flatMap((found) => [found[1], found[2]]);
      for (const event of noted) if (event !== undefined) expect(ADMIN_DICTIONARIES.en.event, `${file}: ${event}`).toHaveProperty(event);
    }
  });
});

describe("tabs", () => {
  it("follow what the role may", () => {
    expect(tabsOf(["manage_accounts", "read_devices"])).toEqual(["accounts", "tablets", "trackers", "mine"]);
    expect(tabsOf(["read_devices", "read_audit"])).toEqual(["tablets", "trackers", "audit", "mine"]);
    expect(tabsOf(["carry"])).toEqual(["mine"]);
  });
});

describe("passkeys", () => {
  afterEach(() => vi.unstubAllGlobals());

  it("are offered by a host name in a secure context alone", () => {
    const at = (hostname: string, secure: boolean): boolean => {
      vi.stubGlobal("location", { hostname });
      vi.stubGlobal("isSecureContext", secure);
      vi.stubGlobal("PublicKeyCredential", class {});
      return passkeysWork();
    };
    expect(at("135.example", true)).toBe(true);
    expect(at("localhost", true)).toBe(true);
    expect(at("135.example", false)).toBe(false);
    expect(at("10.0.0.4", true)).toBe(false);
    expect(at("[fd00::1]", true)).toBe(false);
  });
});
