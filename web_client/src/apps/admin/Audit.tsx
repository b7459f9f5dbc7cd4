/** What happened at the doors, the latest first. */
import { useState, type ReactNode } from "react";
import { admin } from "../../wire/admin";
import { moment, Said, useListing, useWords } from "./parts";

/** The tab of the audit. */
export function Audit(): ReactNode {
  const words = useWords();
  const listing = useListing(admin.audit);
  const [sought, setSought] = useState("");
  const wanted = sought.trim().toLowerCase();
  const rows = (listing.rows ?? [])
    .map((row) => ({ ...row, event: words.event[row.what] ?? row.what }))
    .filter((row) => wanted === "" || [row.who, row.event, row.about, row.address].some((text) => text.toLowerCase().includes(wanted)));
  return (
    <>
      <form className="add" onSubmit={(event) => event.preventDefault()}>
        <label>{words.audit.search}<input type="search" value={sought} onChange={(event) => setSought(event.target.value)} /></label>
      </form>
      <Said problem={listing.problem} />
      {listing.rows === null ? <p className="soft">{words.loading}</p> : rows.length === 0 ? <p className="soft">{words.empty}</p> : (
        <table>
          <thead><tr><th>{words.audit.at}</th><th>{words.audit.who}</th><th>{words.audit.what}</th><th>{words.audit.about}</th><th>{words.audit.address}</th></tr></thead>
          <tbody>
            {rows.map((row, at) => (
              <tr key={`${row.at_ms} ${rows.length - at}`} className={/failed|slowed|wrong|bad/.test(row.what) ? "is-bad" : undefined}>
                <td>{moment(row.at_ms)}</td><td><b>{row.who}</b></td><td>{row.event}</td><td>{row.about}</td><td>{row.address}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}
