/** The tablet at work: map, card, alarm, and the bar with what is always at hand. */
import { useState, type ReactNode } from "react";
import { fill } from "../../i18n";
import { timeOfDay } from "../../i18n/format";
import { bigButton } from "../../model/tablet_view";
import type { Identity } from "../../wire/tablet_store";
import type { Team } from "../../wire/types.gen";
import { useUi } from "../shared/ui";
import { Banners } from "./Banners";
import { CheckChoice, CheckDue, useCheckIn } from "./CheckIn";
import { useBattery, usePlace, useStorageDoubt, useWakeLock } from "./device";
import { Hold } from "./Hold";
import { MapBox } from "./MapBox";
import { OrderCard } from "./OrderCard";
import { Sheet, type SheetName } from "./Sheets";
import { useLink, useParts, useReports, useServiceNow, useSpot, useTune, useUnseen, useWay, type Parts } from "./useTablet";
import { useWords } from "./words";

/** The screen of an enrolled tablet. */
export function Duty({ identity, onEnrolAgain }: { identity: Identity; onEnrolAgain: () => void }): ReactNode {
  const t = useWords();
  const parts = useParts(identity);
  if (parts === null) return <p className="wait" role="status">{t.starting}</p>;
  return <Working identity={identity} parts={parts} onEnrolAgain={onEnrolAgain} />;
}

function Working({ identity, parts, onEnrolAgain }: { identity: Identity; parts: Parts; onEnrolAgain: () => void }): ReactNode {
  const t = useWords();
  useWakeLock();
  const { place, why } = usePlace();
  const battery = useBattery();
  const doubt = useStorageDoubt();
  const here = useSpot(place);
  const { tablet } = useLink(parts);
  const order = tablet.order;
  const there = useSpot(order?.where ?? null);
  const now_ms = useServiceNow(parts);
  const way = useWay(parts, identity, place);
  const { unseen, saw } = useUnseen(parts);
  const [sheet, setSheet] = useState<SheetName | null>(null);
  const [menu, setMenu] = useState(false);
  const [locked, setLocked] = useState(false);
  const [photoProblem, setPhotoProblem] = useState<string | null>(null);
  useReports(parts, place, battery);
  const sos = (cause: "button" | "check_in"): void => void parts.errands.callForHelp(cause, here, parts.link.now_ms()).catch(() => undefined);
  const check = useCheckIn(() => sos("check_in"));
  const photo = (file: File): void => {
    setPhotoProblem(null);
    if (order === null) return;
    parts.errands.addPhoto(file, order.incident, parts.link.now_ms()).catch((error: unknown) => setPhotoProblem(error instanceof RangeError ? t.photoTooLarge : t.notStored));
  };
  const send = async (note: string): Promise<void> => {
    const kept = await (sheet === "help" ? parts.link.callHelp(note) : parts.link.press(sheet === "decline" ? ["decline"] : bigButton("on_scene"), note));
    if (kept) setSheet(null); // what the disk did not take is still in the form
  };
  useTune(parts.alarm, check.due ? "check" : unseen === null ? null : "order");
  return (
    <main className={`tablet${unseen !== null ? " ringing" : ""}`} onPointerDownCapture={() => locked || saw()}>
      <Bar parts={parts} team={tablet.own} name={identity.team} battery={battery} onMenu={() => setMenu(!menu)} />
      <MapBox identity={identity} way={way} there={there} here={here} />
      <section className="side">
        <Banners parts={parts} check={identity.check} why={why} doubt={doubt} photoProblem={photoProblem} onEnrolAgain={onEnrolAgain} />
        {order === null ? <Idle own={tablet.own} soundReady={parts.alarm.ready} notKept={doubt === "not_kept"} /> : <OrderCard identity={identity} parts={parts} order={order} way={way} here={here} now_ms={now_ms} onSheet={setSheet} onPhoto={photo} />}
        <Hold className="sos" label={t.panic} hint={t.panicHold} onHeld={() => sos("button")} />
      </section>
      {menu && <Menu check={check} onLock={() => { setLocked(true); setMenu(false); }} onClose={() => setMenu(false)} />}
      {sheet !== null && order !== null && <Sheet name={sheet} onSend={(note) => void send(note)} onClose={() => setSheet(null)} />}
      {locked && <Lock unseen={unseen !== null} now_ms={now_ms} onOpen={() => { setLocked(false); saw(); }} />}
      <CheckDue check={check} />
    </main>
  );
}

function Bar({ parts, team, name, battery, onMenu }: { parts: Parts; team: Team | null; name: string; battery: number | null; onMenu: () => void }): ReactNode {
  const t = useWords();
  const { english } = useUi();
  const { phase } = useLink(parts);
  const label = team === null ? name : english && team.name_en !== "" ? team.name_en : team.name;
  return (
    <header className="bar">
      <b>{label}</b>
      <span className={`signal ${phase}`} role="status">{t[phase]}</span>
      {battery !== null && <span className={battery <= 15 ? "bad" : "charge"}>{fill(t.battery, { percent: battery })}</span>}
      <button type="button" data-do="menu" onClick={onMenu}>{t.menu}</button>
    </header>
  );
}

function Idle({ own, soundReady, notKept }: { own: Team | null; soundReady: boolean; notKept: boolean }): ReactNode {
  const t = useWords();
  const { t: words } = useUi();
  const time = (at_ms: number): string => timeOfDay(at_ms).slice(0, 5);
  return (
    <article className="idle">
      <h2>{t.idle}</h2>
      <p>{soundReady ? t.idleHint : t.soundOff}</p>
      {own !== null && <p className="duty">{t.duty[own.duty] ?? words.teamStatus[own.duty]}</p>}
      {own?.task && <p>{fill(t.task, { task: own.task.task })}<small>{fill(t.taskTime, { from: time(own.task.starts_at_ms), until: time(own.task.ends_at_ms) })}</small></p>}
      {own?.post && <p>{fill(t.post, { place: own.post_name || `${own.post.lat.toFixed(5)}, ${own.post.lon.toFixed(5)}` })}</p>}
      {notKept && <p className="soft">{t.notKept}</p>}
    </article>
  );
}

function Menu({ check, onLock, onClose }: { check: ReturnType<typeof useCheckIn>; onLock: () => void; onClose: () => void }): ReactNode {
  const t = useWords();
  const { look, toggleLook, toggleLanguage } = useUi();
  return (
    <div className="sheet menu" role="dialog" aria-label={t.menu}>
      <CheckChoice check={check} />
      <div className="chips">
        <button type="button" data-do="lock" onClick={onLock}>{t.lock}</button>
        <button type="button" data-do="look" onClick={toggleLook}>{look === "day" ? t.toNight : t.toDay}</button>
        <button type="button" data-do="language" onClick={toggleLanguage}>{t.language}</button>
        <button type="button" onClick={onClose}>{t.cancel}</button>
      </div>
    </div>
  );
}

function Lock({ unseen, now_ms, onOpen }: { unseen: boolean; now_ms: number; onOpen: () => void }): ReactNode {
  const t = useWords();
  return (
    <div className={`lock-screen${unseen ? " ringing" : ""}`} role="dialog" aria-label={t.lock}>
      <p className="clock">{timeOfDay(now_ms).slice(0, 5)}</p>
      <p role="status">{unseen ? t.newOrder : t.locked}</p>
      <Hold className="unlock" label={t.lock} hint={t.unlockHold} onHeld={onOpen} />
    </div>
  );
}
