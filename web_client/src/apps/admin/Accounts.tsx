/** Accounts: who may sign in, as what, for which desks. */
import { useState, type FormEvent, type ReactNode } from "react";
import { fill } from "../../i18n";
import { admin } from "../../wire/admin";
import type { AccountView, OneTimeView, Role } from "../../wire/types.gen";
import { useUi } from "../shared/ui";
import { Said, Secret, Sure, useListing, useWords, type Listing } from "./parts";

const ROLES: readonly Role[] = ["dispatcher", "supervisor", "patrol", "planner", "auditor", "administrator"];
const NAME = "[a-zA-Z0-9][a-zA-Z0-9._\\-]{0,63}";

const desksOf = (text: string): string[] => text.split(/[\s,，]+/).filter((desk) => desk !== "");

/** The tab of accounts. */
export function Accounts(): ReactNode {
  const words = useWords();
  const listing = useListing(admin.accounts);
  const [secret, setSecret] = useState<OneTimeView | null>(null);
  return (
    <>
      <Add listing={listing} onSecret={setSecret} />
      {secret !== null && <Secret title={fill(words.oneTime, { name: secret.name })} secret={secret.one_time_password} onDone={() => setSecret(null)} />}
      <Said problem={listing.problem} />
      {listing.rows === null ? <p className="soft">{words.loading}</p> : (
        <table>
          <thead><tr><th>{words.name}</th><th>{words.role}</th><th>{words.desks}</th><th>{words.state}</th><th>{words.factor}</th><th>{words.sessions}</th><th /></tr></thead>
          <tbody>{listing.rows.map((row) => <Line key={row.name} row={row} listing={listing} onSecret={setSecret} />)}</tbody>
        </table>
      )}
    </>
  );
}

interface Shared {
  readonly listing: Listing<AccountView>;
  onSecret(secret: OneTimeView): void;
}

function Add({ listing, onSecret }: Shared): ReactNode {
  const words = useWords();
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("dispatcher");
  const [desks, setDesks] = useState("*");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    listing.act(() => admin.addAccount(name, role, desksOf(desks)).then((made) => {
      onSecret(made);
      setName("");
    }));
  };
  return (
    <form className="add" onSubmit={submit}>
      <label>{words.name}<input value={name} pattern={NAME} placeholder={words.accounts.nameHint} required spellCheck={false} autoCapitalize="off" autoComplete="off" onChange={(event) => setName(event.target.value)} /></label>
      <RoleField role={role} onChange={setRole} />
      <label>{words.desks}<input value={desks} placeholder={words.desksHint} title={words.desksHint} spellCheck={false} onChange={(event) => setDesks(event.target.value)} /></label>
      <button type="submit" className="primary" disabled={name === ""}>{words.accounts.add}</button>
      <p className="soft hint">{words.roleHint[role]}</p>
    </form>
  );
}

function RoleField({ role, onChange }: { role: Role; onChange(role: Role): void }): ReactNode {
  const { t } = useUi();
  const words = useWords();
  return (
    <label>
      {words.role}
      <select value={role} onChange={(event) => onChange(event.target.value as Role)}>
        {ROLES.map((one) => <option key={one} value={one}>{t.role[one]}</option>)}
      </select>
    </label>
  );
}

function Line({ row, listing, onSecret }: Shared & { row: AccountView }): ReactNode {
  const { t } = useUi();
  const words = useWords();
  const [changing, setChanging] = useState(false);
  const factors = [row.code ? words.accounts.code : "", row.passkeys > 0 ? fill(words.accounts.passkeys, { count: row.passkeys }) : ""].filter((one) => one !== "");
  if (changing) return <Change row={row} listing={listing} onDone={() => setChanging(false)} />;
  return (
    <tr className={row.disabled ? "is-out" : undefined}>
      <td><b>{row.name}</b></td>
      <td>{t.role[row.role]}</td>
      <td>{row.desks.join(" ")}</td>
      <td>{row.disabled ? words.accounts.disabled : row.demo ? words.accounts.demo : words.accounts.stage[row.stage]}</td>
      <td>{factors.length > 0 ? factors.join(" · ") : <span className="soft">{words.accounts.noFactor}</span>}</td>
      <td>{row.sessions}</td>
      <td className="acts">
        <button type="button" onClick={() => setChanging(true)}>{words.accounts.change}</button>
        <Sure label={words.accounts.reset} onSure={() => listing.act(() => admin.resetAccount(row.name).then(onSecret))} />
        {row.disabled
          ? <button type="button" onClick={() => listing.act(() => admin.disableAccount(row.name, false))}>{words.accounts.enable}</button>
          : <Sure label={words.accounts.disable} onSure={() => listing.act(() => admin.disableAccount(row.name, true))} />}
      </td>
    </tr>
  );
}

function Change({ row, listing, onDone }: { row: AccountView; listing: Listing<AccountView>; onDone(): void }): ReactNode {
  const words = useWords();
  const [role, setRole] = useState<Role>(row.role);
  const [desks, setDesks] = useState(row.desks.join(" "));
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    listing.act(() => admin.changeAccount(row.name, role, desksOf(desks)).finally(onDone));
  };
  return (
    <tr>
      <td><b>{row.name}</b></td>
      <td colSpan={6}>
        <form className="add" onSubmit={submit}>
          <RoleField role={role} onChange={setRole} />
          <label>{words.desks}<input value={desks} title={words.desksHint} required spellCheck={false} onChange={(event) => setDesks(event.target.value)} /></label>
          <button type="submit" className="primary">{words.accounts.keep}</button>
          <button type="button" className="quiet" onClick={onDone}>{words.cancel}</button>
          <p className="soft hint">{words.roleHint[role]}</p>
        </form>
      </td>
    </tr>
  );
}
