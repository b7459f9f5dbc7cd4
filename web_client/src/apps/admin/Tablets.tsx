/** Tablets: enrolled by a QR code, confirmed by six figures, revoked at once. */
import { useState, type ReactNode } from "react";
import { fill } from "../../i18n";
import { admin } from "../../wire/admin";
import type { DeviceView, InviteView, SessionView } from "../../wire/types.gen";
import { Battery, moment, Said, Seen, Sure, useListing, useWords, type Listing } from "./parts";
import { ForTeam, TeamTitle } from "./ForTeam";

/** The tab of tablets. */
export function Tablets({ session }: { session: SessionView }): ReactNode {
  const words = useWords();
  const listing = useListing(admin.devices);
  const [invite, setInvite] = useState<InviteView | null>(null);
  const may = new Set(session.may);
  const rows = listing.rows ?? [];
  return (
    <>
      {may.has("invite_devices") && (
        <ForTeam label={words.tablets.invite} onTeam={(team) => listing.act(() => admin.invite(team).then(setInvite))} />
      )}
      {invite !== null && <Code invite={invite} onDone={() => setInvite(null)} />}
      <Said problem={listing.problem} />
      <h2>{words.tablets.waiting}</h2>
      <Waiting rows={rows.filter((row) => row.status === "pending")} listing={listing} mayConfirm={may.has("confirm_devices")} mayRevoke={may.has("revoke_devices")} />
      <h2>{words.tablets.list}</h2>
      {listing.rows === null ? <p className="soft">{words.loading}</p> : rows.length === 0 ? <p className="soft">{words.empty}</p> : (
        <table>
          <thead><tr><th>{words.team}</th><th>{words.name}</th><th>{words.state}</th><th>{words.seen}</th><th>{words.battery}</th><th>{words.made}</th><th>{words.by}</th><th /></tr></thead>
          <tbody>{rows.map((row) => <Line key={row.device} row={row} listing={listing} mayRevoke={may.has("revoke_devices")} />)}</tbody>
        </table>
      )}
    </>
  );
}

function Code({ invite, onDone }: { invite: InviteView; onDone(): void }): ReactNode {
  const words = useWords();
  const minutes = Math.max(0, Math.round((invite.until_ms - Date.now()) / 60_000));
  return (
    <section className="secret code">
      <img src={`data:image/svg+xml,${encodeURIComponent(invite.svg)}`} alt={words.tablets.inviteSvg} width={220} height={220} />
      <div>
        <TeamTitle team={invite.team} />
        <p>{fill(words.tablets.inviteWhy, { minutes })}</p>
        <code className="address">{invite.url}</code>
        <button type="button" className="primary" onClick={onDone}>{words.done}</button>
      </div>
    </section>
  );
}

interface WaitingProps {
  readonly rows: readonly DeviceView[];
  readonly listing: Listing<DeviceView>;
  readonly mayConfirm: boolean;
  readonly mayRevoke: boolean;
}

function Waiting({ rows, listing, mayConfirm, mayRevoke }: WaitingProps): ReactNode {
  const words = useWords();
  if (rows.length === 0) return <p className="soft">{words.tablets.none}</p>;
  return (
    <ul className="waiting">
      {rows.map((row) => (
        <li key={row.device}>
          <p>{words.tablets.compare}</p>
          <p><TeamTitle team={row.team} /> <span className="soft">{row.name}</span></p>
          <p className="figures">{row.check.slice(0, 3)} {row.check.slice(3)}</p>
          <p className="acts">
            {mayConfirm
              ? <button type="button" className="primary" onClick={() => listing.act(() => admin.confirmDevice(row.device))}>{words.tablets.confirm}</button>
              : <span className="soft">{words.tablets.supervisorOnly}</span>}
            {mayRevoke && <button type="button" onClick={() => listing.act(() => admin.revokeDevice(row.device))}>{words.tablets.refuse}</button>}
          </p>
        </li>
      ))}
    </ul>
  );
}

function Line({ row, listing, mayRevoke }: { row: DeviceView; listing: Listing<DeviceView>; mayRevoke: boolean }): ReactNode {
  const words = useWords();
  const out = row.status === "revoked";
  return (
    <tr className={out ? "is-out" : undefined}>
      <td><TeamTitle team={row.team} /></td>
      <td className="long" title={row.name}>{row.name}</td>
      <td>{words.tablets.status[row.status]}</td>
      <td><Seen connected={row.connected} seen_ms={row.seen_ms} /></td>
      <td><Battery percent={row.battery} /></td>
      <td>{moment(row.enrolled_ms)}</td>
      <td>{row.by}</td>
      <td className="acts">{mayRevoke && !out && <Sure label={words.tablets.revoke} onSure={() => listing.act(() => admin.revokeDevice(row.device))} />}</td>
    </tr>
  );
}
