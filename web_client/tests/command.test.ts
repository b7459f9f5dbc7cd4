import { describe, expect, it } from "vitest";
import { parse, placeWish, VERBS, type Context, type Verb } from "../src/model/command";
import { findIncident, findPlace, findTeam } from "../src/model/lookup";
import type { PlaceView } from "../src/wire/types.gen";
import { incident, order, team } from "./frames";

const place = (id: string, name: string, name_en: string): PlaceView => ({ place: id, name, name_en, tier: "T1", kind: "school", lon: 120, lat: 28, radius_m: 90 });
const teams = [
  team("V03", { name: "3队 岭根村巡防队", name_en: "Team 3 Linggen Village Patrol" }),
  team("V13", { name: "13队 浦西村巡防队", name_en: "Team 13 Puxi Village Patrol" }),
  team("D1", { name: "专巡一队", name_en: "Dedicated Patrol 1" }),
  team("D2", { name: "专巡二队", name_en: "Dedicated Patrol 2" }),
];
const live = order("O0005", { team: "V03", incident: "I0012", offered_seq: 9 });
const context: Context = {
  teams,
  incidents: [incident("I0002"), incident("I0012"), incident("I0120")],
  orders: new Map([["O0005", live], ["O0001", order("O0001", { team: "D1", incident: "I0002", status: "closed" })]]),
  live: new Map([["V03", live]]),
  places: [place("P01", "澄溪第一小学", "Chengxi No. 1 Primary School"), place("P02", "澄溪中学", "Chengxi Middle School")],
  selected: "I0002",
};

function told(text: string, within = context): string {
  const reading = parse(text, within);
  if (!reading.ok) return `? ${reading.gap}${reading.choices.length > 0 ? ` ${reading.choices.join(",")}` : ""}`;
  const { command } = reading;
  switch (command.verb) {
    case "send":
      return `send ${command.team.team} ${command.incident.incident} ${command.reason}`.trim();
    case "close":
    case "note":
      return `${command.verb} ${command.incident.incident} ${command.text}`.trim();
    case "reopen":
    case "wave":
    case "confirm":
    case "unmerge":
      return `${command.verb} ${command.incident.incident}`;
    case "recall":
      return `recall ${command.order.order} ${command.reason}`.trim();
    case "undo":
      return `undo ${command.order.order}`;
    case "help":
      return `help ${command.order.order} ${command.text}`.trim();
    case "merge":
      return `merge ${command.incident.incident} ${command.into.incident}`;
    case "duty_on":
    case "duty_off":
    case "patrol":
      return `${command.verb} ${command.team.team}`;
    case "go":
      return `go ${(command.place as PlaceView | null)?.place ?? command.place?.name ?? command.incident?.incident ?? command.team?.team ?? ""}`;
    case "past":
      return `past ${JSON.stringify(command.at)}`;
    case "now":
      return "now";
  }
}

describe("the command bar reads", () => {
  it.each([
    ["派 3队 12", "send V03 I0012"],
    ["派3队12", "send V03 I0012"],
    ["派 3 12", "send V03 I0012"],
    ["send 3 12", "send V03 I0012"],
    ["  SEND   team 3  i0012 ", "send V03 I0012"],
    ["派　３队　１２", "send V03 I0012"],
    ["send 13 120 knows the way", "send V13 I0120 knows the way"],
    ["派 专巡一队", "send D1 I0002"],
    ["派 专巡一队 熟悉地形", "send D1 I0002 熟悉地形"],
    ["/派 V13 #2", "send V13 I0002"],
    ["close", "close I0002"],
    ["结 12 已调解", "close I0012 已调解"],
    ["结案", "close I0002"],
    ["备注 有两人受伤", "note I0002 有两人受伤"],
    ["note 12 two hurt", "note I0012 two hurt"],
    ["撤回 3队 走错了", "recall O0005 走错了"],
    ["recall 3", "recall O0005"],
    ["undo o0005", "undo O0005"],
    ["撤销", "undo O0001"],
    ["help 3", "help O0005"],
    ["合并 12", "merge I0002 I0012"],
    ["merge 12 120", "merge I0012 I0120"],
    ["并 12 到 120", "merge I0012 I0120"],
    ["wave 12", "wave I0012"],
    ["增援", "wave I0002"],
    ["恢复 12", "reopen I0012"],
    ["恢复巡逻 3队", "patrol V03"],
    ["下岗 专巡二队", "duty_off D2"],
    ["on 13", "duty_on V13"],
    ["去 澄溪中学", "go P02"],
    ["go middle", "go P02"],
    ["go 12", "go I0012"],
    ["go 专巡二队", "go D2"],
    ["回看 14:05", 'past {"minutes_of_day":845,"seconds":0}'],
    ["past 9:05:30", 'past {"minutes_of_day":545,"seconds":30}'],
    ["past -5", 'past {"back_ms":300000}'],
    ["回看 5分钟前", 'past {"back_ms":300000}'],
    ["past #120", 'past {"seq":120}'],
    ["now", "now"],
  ])("%s", (text, meaning) => expect(told(text)).toBe(meaning));

  it.each([
    ["", "? empty"],
    ["飞 3队", "? verb"],
    ["sen", "? verb send"],
    ["派", "? team"],
    ["派 99队 12", "? team"],
    ["派 专巡 12", "? teams 专巡一队,专巡二队"],
    ["send 3 999", "? incident"],
    ["note", "? text"],
    ["recall 专巡二队", "? order"],
    ["merge 2 2", "? incident"],
    ["confirm", "? not_recommended"],
    ["去 月球", "? place"],
    ["go chengxi", "? places 澄溪第一小学,澄溪中学"],
    ["past 25:00", "? time"],
    ["past yesterday", "? time"],
  ])("and asks about: %s", (text, gap) => expect(told(text)).toBe(gap));

  it("needs a selected incident where none is named", () => {
    for (const text of ["close", "note hurt", "派 3队", "wave", "undo"]) expect(told(text, { ...context, selected: null })).toBe("? incident");
  });

  it("takes every verb that the sheet shows", () => {
    for (const [verb, { zh, en }] of Object.entries(VERBS) as [Verb, { zh: readonly string[]; en: readonly string[] }][]) {
      for (const word of [...zh, ...en]) {
        const reading = parse(word, context);
        expect(reading.ok ? reading.command.verb : reading.verb, word).toBe(verb);
      }
    }
  });

  it("never fails on any text, and names only what there is", () => {
    const letters = ["派", "结", "3队", "12", "i", "#", " ", "专巡", "send", "go", "澄", "(", "[", "\\", "*", "+", ":", "　", "去", "合并", "\u0000"];
    let state = 7;
    const next = (): number => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31);
    for (let round = 0; round < 4_000; round += 1) {
      const text = Array.from({ length: next() % 7 }, () => letters[next() % letters.length]).join("");
      const reading = parse(text, context);
      if (reading.ok && "team" in reading.command && reading.command.team !== null) expect(teams).toContain(reading.command.team);
      if (reading.ok && "incident" in reading.command && reading.command.incident !== null) expect(context.incidents).toContain(reading.command.incident);
    }
  });
});

describe("lookup", () => {
  it("a number is a whole number: 3 is not 13, 12 is not 120", () => {
    expect(findTeam(teams, "3")).toMatchObject({ kind: "one", one: { team: "V03" } });
    expect(findIncident(context.incidents, "12")).toMatchObject({ one: { incident: "I0012" } });
    expect(findIncident(context.incidents, "1").kind).toBe("none");
  });

  it("what fits two is a question, what fits none is none", () => {
    expect(findTeam(teams, "巡防队").kind).toBe("many");
    expect(findTeam([], "3").kind).toBe("none");
    expect(findPlace(context.places, "").kind).toBe("none");
  });
});

describe("places that only the ground knows", () => {
  const guoxi = { name: "郭溪街道", name_en: "Guoxi Street", lon: 120.6, lat: 27.97 };

  it("are asked for only where the board itself knows nothing that fits", () => {
    expect(placeWish("go gx", context)).toBe("gx");
    expect(placeWish("/去 郭溪", context)).toBe("郭溪");
    for (const known of ["go 澄溪中学", "go 12", "go 专巡二队", "go", "去", "send 3 12", "gx", ""]) expect(placeWish(known, context), known).toBe(null);
  });

  it("are gone to as they were found, the best first; what the board knows comes before them", () => {
    const found = [guoxi, { ...guoxi, name: "郭公山" }];
    expect(told("go gx", { ...context, found })).toBe("go 郭溪街道");
    expect(told("go chengxi", { ...context, found })).toBe("go 郭溪街道");
    expect(told("go 12", { ...context, found })).toBe("go I0012");
    expect(told("go gx", { ...context, found: [] })).toBe("? place");
    expect(told("go", { ...context, found })).toBe("? place");
  });
});
