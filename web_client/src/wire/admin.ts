/** What is kept at the doors, as typed functions: accounts, tablets, trackers, the audit. */
import { call } from "./api";
import type { AccountView, AuditView, DeviceView, InviteView, OneTimeView, Role, TeamName, TrackerTokenView, TrackerView } from "./types.gen";

const account = (name: string, verb: string): string => `/api/accounts/${encodeURIComponent(name)}/${verb}`;
const device = (id: string, verb: string): string => `/api/devices/${encodeURIComponent(id)}/${verb}`;

/** The endpoints of the administration page. */
export const admin = {
  /** Every account. */
  accounts: (): Promise<AccountView[]> => call("GET", "/api/accounts"),
  /** Make one; its one-time password is told this once. */
  addAccount: (name: string, role: Role, desks: readonly string[]): Promise<OneTimeView> => call("POST", "/api/accounts", { name, role, desks }),
  /** A new one-time password and no second factor. */
  resetAccount: (name: string): Promise<OneTimeView> => call("POST", account(name, "reset")),
  /** Shut it out, or let it in again. */
  disableAccount: (name: string, disabled: boolean): Promise<void> => call("POST", account(name, "disabled"), { disabled }),
  /** Another role, other desks. */
  changeAccount: (name: string, role: Role, desks: readonly string[]): Promise<void> => call("POST", account(name, "role"), { role, desks }),
  /** The teams that a tablet can be of. */
  teams: (): Promise<TeamName[]> => call("GET", "/api/devices/teams"),
  /** Every tablet. */
  devices: (): Promise<DeviceView[]> => call("GET", "/api/devices"),
  /** A one-use QR code for a team's next tablet. */
  invite: (team: string): Promise<InviteView> => call("POST", "/api/devices/invites", { team }),
  /** The figures were compared: the tablet may work. */
  confirmDevice: (id: string): Promise<DeviceView> => call("POST", device(id, "confirm")),
  /** Shut it out for good. */
  revokeDevice: (id: string): Promise<DeviceView> => call("POST", device(id, "revoke")),
  /** Every tracker. */
  trackers: (): Promise<TrackerView[]> => call("GET", "/api/trackers"),
  /** Make one; its token is told this once. */
  addTracker: (team: string, name: string): Promise<TrackerTokenView> => call("POST", "/api/trackers", { team, name }),
  /** Its token is void at once. */
  revokeTracker: (id: string): Promise<TrackerView> => call("POST", `/api/trackers/${encodeURIComponent(id)}/revoke`),
  /** What happened at the doors, the latest first. */
  audit: (): Promise<AuditView[]> => call("GET", "/api/audit?limit=500"),
};
