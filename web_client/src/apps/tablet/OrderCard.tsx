/** The order in two seconds: what, where, how long; then the one big button and what else there is to press. */
import { useRef, type ReactNode } from "react";
import { fill } from "../../i18n";
import { metres, span, stopwatch } from "../../i18n/format";
import type { TabletOrder } from "../../model/tablet";
import { bigButton, helpAsked, nextTurn, pressedStatus } from "../../model/tablet_view";
import { api } from "../../wire/api";
import type { Identity } from "../../wire/tablet_store";
import type { OrderStatus, WayView } from "../../wire/types.gen";
import { useUi } from "../shared/ui";
import type { SheetName } from "./Sheets";
import { useGround } from "./useGround";
import { useErrands, useLink, type Parts } from "./useTablet";
import { useWords } from "./words";

/** What the card shows and what may be asked of it. */
export interface OrderCardProps {
  readonly identity: Identity;
  readonly parts: Parts;
  readonly order: TabletOrder;
  readonly way: WayView | null;
  readonly here: readonly [number, number] | null;
  readonly now_ms: number;
  readonly onSheet: (name: SheetName) => void;
  readonly onPhoto: (file: File) => void;
}

/** The card of the live order. */
export function OrderCard(props: OrderCardProps): ReactNode {
  const { identity, parts, order, way, here, now_ms, onSheet } = props;
  const t = useWords();
  const { t: words, english } = useUi();
  const places = useGround(identity, api.places) ?? [];
  const place = (english && places.find((one) => one.name === order.place)?.name_en) || order.place;
  const { tablet } = useLink(parts);
  const status = pressedStatus(tablet) ?? order.status;
  const waiting = tablet.outbox.size > 0;
  return (
    <article className={`order ${order.urgency}`}>
      <header>
        <em>{words.urgency[order.urgency]}</em>
        <h2>{words.kind[order.what]}</h2>
        <span>{words.orderStatus[status]}</span>
      </header>
      <p className="where">{place || order.road || words.unnamedRoad}{order.place !== "" && order.road !== "" && <small>{order.road}</small>}</p>
      {order.note !== "" && <p className="note">{order.note}</p>}
      {status === "offered" && <p className="figures">
        <b className={order.deadline_ms < now_ms ? "bad" : ""}>{order.deadline_ms < now_ms ? t.acceptLate : fill(t.acceptWithin, { time: stopwatch(order.deadline_ms - now_ms) })}</b>
        <span>{metres(words, order.road_m)}</span>
        <span>{fill(t.eta, { time: span(words, order.eta_ms) })}</span>
      </p>}
      {(status === "accepted" || status === "en_route") && <Turn way={way} here={here} />}
      <Big status={status} parts={parts} onSheet={onSheet} />
      {waiting && <p className="kept" role="status">{t.kept}</p>}
      <Actions {...props} status={status} />
    </article>
  );
}

function Big({ status, parts, onSheet }: { status: OrderStatus; parts: Parts; onSheet: (name: SheetName) => void }): ReactNode {
  const t = useWords();
  const verbs = bigButton(status);
  if (verbs.length === 0) return null;
  const label = { offered: t.go, accepted: t.go, en_route: t.arrive, on_scene: t.report, reported_back: t.close }[status as "offered"];
  const hint = { offered: t.goHint, accepted: "", en_route: "", on_scene: t.reportHint, reported_back: "" }[status as "offered"];
  const press = (): void => (status === "on_scene" ? onSheet("report") : void parts.link.press(verbs));
  return (
    <button type="button" className={`big ${status}`} data-do={status} onClick={press}>
      <b>{label}</b>
      {hint !== "" && <small>{hint}</small>}
    </button>
  );
}

function Actions({ parts, status, onSheet, onPhoto }: OrderCardProps & { status: OrderStatus }): ReactNode {
  const t = useWords();
  const { tablet } = useLink(parts);
  const { photos, share } = useErrands(parts);
  const camera = useRef<HTMLInputElement>(null);
  const asked = helpAsked(tablet);
  return (
    <div className="actions">
      {status === "offered" ? (
        <button type="button" data-do="decline" onClick={() => onSheet("decline")}>{t.decline}</button>
      ) : (
        <button type="button" data-do="help" onClick={() => onSheet("help")} aria-pressed={asked}>{asked ? t.helpAsked : t.help}</button>
      )}
      <button type="button" data-do="photo" onClick={() => camera.current?.click()}>
        {t.photo}
        {photos > 0 && <small>{fill(t.photosWaiting, { count: photos })}{share > 0 ? ` · ${Math.round(share * 100)}%` : ""}</small>}
      </button>
      <input
        ref={camera}
        type="file"
        accept="image/*"
        capture="environment"
        aria-label={t.photo}
        className="unseen"
        tabIndex={-1}
        onChange={(event) => {
          const file = event.target.files?.[0];
          event.target.value = "";
          if (file !== undefined) onPhoto(file);
        }}
      />
    </div>
  );
}

function Turn({ way, here }: { way: WayView | null; here: readonly [number, number] | null }): ReactNode {
  const t = useWords();
  const { t: words, english } = useUi();
  const from = here ?? way?.line[0];
  const next = way === null || from === undefined ? null : nextTurn(way, from);
  if (next === null) return <p className="turn soft">{t.noWay}</p>;
  return (
    <p className="turn">
      <i className={`arrow ${next.step.kind}`} aria-hidden="true" />
      <span>
        <b>{fill(t.inMetres, { metres: metres(words, next.in_m) })} {english ? next.step.en : next.step.zh}</b>
        <small>{next.off_way ? t.offWay : fill(t.left, { metres: metres(words, next.left_m), time: span(words, next.left_ms) })}</small>
      </span>
    </p>
  );
}
