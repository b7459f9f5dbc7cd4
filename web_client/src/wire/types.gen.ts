/* Generated from schema/wire.schema.json by `npm run types`; do not edit. */

/**
 * What somebody is here; ``monitor`` is a program that reads metrics, ``tracker`` one that sends positions.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "Role".
 */
export type Role =
  "dispatcher" | "supervisor" | "patrol" | "planner" | "auditor" | "administrator" | "monitor" | "tracker";
/**
 * How far somebody has come: only ``ready`` may do more than see to their own session.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "Stage".
 */
export type Stage = "password_due" | "factor_due" | "ready";
/**
 * The force class: village (村居巡防队) and station patrols (专制巡防队), station officers, district units.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "TeamKind".
 */
export type TeamKind = "village" | "dedicated" | "station" | "district";
/**
 * Where a team's position came from: a fix of its tablet, or its home or standby point as there is no fix.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "FixSource".
 */
export type FixSource = "fix" | "home";
/**
 * Which target a place has (重点部位 / 重点区域 / 一般街面).
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "Tier".
 */
export type Tier = "T1" | "T2" | "T3";
/**
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "ClientFrame".
 */
export type ClientFrame = Hello | Stored | Shown | CommandFrame | HelpFrame | Positions | Ping | Pong;
/**
 * What moves an order: the four answers (签收 出警 到达 反馈), its end, and three ways to lose it.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "OrderTrigger".
 */
export type OrderTrigger = "accept" | "depart" | "arrive" | "report_back" | "close" | "decline" | "expire" | "recall";
/**
 * The force class that is sent (第一/二/三波警力).
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "Wave".
 */
export type Wave = "W1" | "W2" | "W3";
/**
 * Where a device stands.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "DeviceStatus".
 */
export type DeviceStatus = "pending" | "confirmed" | "revoked";
/**
 * What a team is rostered to do.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "Duty".
 */
export type Duty = "off_duty" | "on_patrol" | "standby" | "on_task";
/**
 * How grave an incident is (紧急程度).
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "Urgency".
 */
export type Urgency = "critical" | "urgent" | "routine";
/**
 * What happened, in the usual types of a station's day.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "IncidentKind".
 */
export type IncidentKind = "dispute" | "theft" | "fight" | "traffic" | "fire" | "missing" | "alarm" | "flood" | "other";
/**
 * Where an incident stands.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "IncidentStatus".
 */
export type IncidentStatus = "open" | "closed" | "merged";
/**
 * Where an order stands.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "OrderStatus".
 */
export type OrderStatus =
  "offered" | "accepted" | "en_route" | "on_scene" | "reported_back" | "closed" | "declined" | "expired" | "recalled";
/**
 * The device class of a session: a desk in a guarded room, or what is carried around.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "Screen".
 */
export type Screen = "desk" | "mobile";
/**
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "RefusalCode".
 */
export type RefusalCode =
  | "bad_request"
  | "out_of_range"
  | "too_far_from_road"
  | "body_too_large"
  | "unknown_team"
  | "unknown_incident"
  | "unknown_order"
  | "not_your_order"
  | "wrong_state"
  | "key_reused"
  | "team_busy"
  | "team_exists"
  | "team_off_duty"
  | "cannot_reach"
  | "incident_not_open"
  | "recommendation_changed"
  | "undo_too_late"
  | "nothing_to_undo"
  | "task_exists"
  | "no_task"
  | "same_incident"
  | "no_further_wave"
  | "another_log"
  | "overloaded"
  | "storage_full"
  | "outcome_unknown"
  | "defect"
  | "log_away"
  | "not_json"
  | "frame_too_large"
  | "unknown_frame"
  | "hello_first"
  | "fenced"
  | "silent"
  | "too_slow"
  | "going_down"
  | "not_found"
  | "unknown_plan"
  | "plan_changed"
  | "plans_full"
  | "sign_in"
  | "wrong_secret"
  | "code_needed"
  | "slow_down"
  | "too_many"
  | "not_allowed"
  | "locked"
  | "password_due"
  | "factor_due"
  | "foreign_host"
  | "foreign_origin"
  | "bad_ticket"
  | "device_revoked"
  | "device_unconfirmed"
  | "bad_invite"
  | "bad_proof"
  | "weak_password"
  | "unknown_account"
  | "account_exists"
  | "unknown_device"
  | "only_demo"
  | "no_room"
  | "last_administrator"
  | "address_too_long"
  | "wrong_method"
  | "headers_too_large"
  | "unknown_tracker"
  | "bad_passkey"
  | "no_passkeys"
  | "sign_in_again";
/**
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "ServerFrame".
 */
export type ServerFrame = Welcome | Snapshot | EventFrame | Result | Peer | Ping | Pong | Bye;

/**
 * Generated by `./run schema`; do not edit.
 */
export interface WireDocument {}
/**
 * A new account; without desks it is for all.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "AccountBody".
 */
export interface AccountBody {
  /**
   * @maxItems 32
   */
  desks: string[];
  name: string;
  role: Role;
}
/**
 * An account as administrators see it; ``code``: an authenticator's digits are its second factor.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "AccountView".
 */
export interface AccountView {
  code: boolean;
  demo: boolean;
  desks: string[];
  disabled: boolean;
  name: string;
  passkeys: number;
  role: Role;
  sessions: number;
  stage: Stage;
}
/**
 * All that a stranger is told: whether the service answers and takes new facts.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "Alive".
 */
export interface Alive {
  status: string;
}
/**
 * What to look at: the live teams, the roster's homes, or these posts; at an hour, or all day (None).
 *
 * ``demand`` weighs by streets and places, or by past incidents: ``log`` or an imported history, of these weekdays
 * (0 is Monday; none: all) and of ``hour``.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "AskBody".
 */
export interface AskBody {
  demand: string;
  hour: number | null;
  /**
   * @maxItems 300
   */
  posts: PostBody[];
  source: "now" | "roster" | "posts";
  /**
   * @maxItems 7
   */
  weekdays: number[];
}
/**
 * A standby point of a plan: a team of ``unit`` stands there from ``from_min`` until ``until_min``, local time.
 *
 * Equal ends are the whole day; a shift may run over midnight.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "PostBody".
 */
export interface PostBody {
  from_min: number;
  lat: number;
  lon: number;
  name: string;
  name_en: string;
  post: string;
  profile: string;
  unit: TeamKind;
  until_min: number;
}
/**
 * An authenticator's answer to a sign-in.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "Asserted".
 */
export interface Asserted {
  authenticatorData: string;
  clientDataJSON: string;
  signature: string;
  userHandle: string | null;
}
/**
 * An authenticator's answer to a creation.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "Attested".
 */
export interface Attested {
  attestationObject: string;
  clientDataJSON: string;
}
/**
 * One security event.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "AuditView".
 */
export interface AuditView {
  about: string;
  address: string;
  at_ms: number;
  what: string;
  who: string;
}
/**
 * Why the connection ends, and whether to come back.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "Bye".
 */
export interface Bye {
  code: string;
  message: string;
  reconnect: boolean;
  retry_after_ms: number;
  type: "bye";
}
/**
 * A team that could go: its travel time and road metres, and the straight line for comparison.
 *
 * ``drift_ms`` is the part of ``eta_ms`` that a stale fix may hide (0: the fix is fresh); ``loss_micro`` is the
 * size of the hole that its leaving opens, None where cover is not looked at. ``unreached``: no tablet of it was
 * connected at that moment, so that an order waits for somebody to call it.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "Candidate".
 */
export interface Candidate {
  drift_ms: number;
  eta_ms: number;
  fix: FixSource;
  fix_age_ms: number;
  loss_micro: number | null;
  position: Point;
  road_m: number;
  straight_m: number;
  team: string;
  unreached: boolean;
}
/**
 * A WGS-84 point in degrees: longitude -180…180, latitude -90…90.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "Point".
 */
export interface Point {
  lat: number;
  lon: number;
}
/**
 * Why this team: the ranking the decision saw, who was left out, and what a straight line would have done.
 *
 * ``margin_ms`` is the lead over the best other candidate (None where there is none, negative where a rule chose a
 * later one); ``straight_line_loss_ms`` is how much later the team nearest by straight line would arrive (0 where
 * it is the same team); ``hole`` is what the leaving of the chosen team alone opens, whoever else goes.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "Choice".
 */
export interface Choice {
  excluded: Exclusion[];
  hole: Hole | null;
  margin_ms: number | null;
  policy: string;
  ranked: Candidate[];
  straight_line_loss_ms: number;
  straight_line_team: string | null;
}
/**
 * A team that was not considered, and the code of the reason.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "Exclusion".
 */
export interface Exclusion {
  reason: string;
  team: string;
}
/**
 * What opens where ``team`` alone leaves its post; ``loss_micro`` is its size in one number.
 *
 * Where one decision sends several teams, each hole is counted with the others at their posts: together they may
 * open more than the sum, and whoever shows a hole says that it is of one team alone.
 *
 * The size is the expected covered demand that is lost (MEXCLP: Daskin 1983), in millionths of a unit of demand,
 * 0 for a team that covers nothing now. ``places`` are the gravest tiers first, at most MAX_GAPS of ``n_places``.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "Hole".
 */
export interface Hole {
  loss_micro: number;
  n_places: number;
  places: PlaceGap[];
  streets: StreetGap[];
  team: string;
}
/**
 * A place that is left without a team within its tier's target.
 *
 * ``before_ms`` is the time of the nearest team now, ``after_ms`` that of the next one, None where none comes
 * within the longest target.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "PlaceGap".
 */
export interface PlaceGap {
  after_ms: number | null;
  before_ms: number;
  name: string;
  place: string;
  target_ms: number;
  tier: Tier;
}
/**
 * Metres of street within ``limit_ms`` of some team: with the team that is sent, and without it.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "StreetGap".
 */
export interface StreetGap {
  after_m: number;
  before_m: number;
  limit_ms: number;
}
/**
 * The first frame of a client: who it is and the last (epoch, seq) it holds.
 *
 * A tablet shows a one-use ``ticket``, younger than 30 s; a console's session came with its handshake.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "Hello".
 */
export interface Hello {
  device: string;
  epoch: string | null;
  role: "console" | "tablet";
  seq: number;
  team: string | null;
  ticket: string | null;
  type: "hello";
}
/**
 * Everything up to ``seq`` is on the device's durable storage (cumulative).
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "Stored".
 */
export interface Stored {
  seq: number;
  type: "stored";
}
/**
 * An order is drawn and sounded.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "Shown".
 */
export interface Shown {
  order: string;
  type: "shown";
}
/**
 * A team's answer to its order; ``key`` (UUIDv7) was made and persisted before the first sending.
 *
 * ``epoch`` is that of the log in which the order was seen: a restored log gives its ids anew.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "CommandFrame".
 */
export interface CommandFrame {
  epoch: string | null;
  key: string;
  note: string;
  occurred_at_ms: number;
  order: string;
  type: "command";
  verb: OrderTrigger;
}
/**
 * 增援: the team of a live order asks for more force; ``key`` and ``epoch`` as in a command.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "HelpFrame".
 */
export interface HelpFrame {
  epoch: string | null;
  key: string;
  note: string;
  occurred_at_ms: number;
  order: string;
  type: "help";
}
/**
 * Fixes of the device's own team, latest wins; never delays anything else.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "Positions".
 */
export interface Positions {
  /**
   * @minItems 1
   * @maxItems 64
   */
  fixes: Fix[];
  type: "positions";
}
/**
 * One position of a team: WGS-84 degrees, metres (null: not said), metres a second, when it was taken.
 *
 * ``battery_pct`` is the charge of the device that took it, None where it does not say.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "Fix".
 */
export interface Fix {
  accuracy_m: number | null;
  at_ms: number;
  battery_pct: number | null;
  lat: number;
  lon: number;
  source: FixSource;
  speed_m_s: number;
  team: string;
}
/**
 * Are you there; ``at_ms`` is the sender's clock.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "Ping".
 */
export interface Ping {
  at_ms: number;
  type: "ping";
}
/**
 * The answer to a ping, with its ``at_ms``.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "Pong".
 */
export interface Pong {
  at_ms: number;
  type: "pong";
}
/**
 * Close an incident, with its outcome in a few words.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "CloseBody".
 */
export interface CloseBody {
  key: string;
  outcome: string;
}
/**
 * Six digits of an authenticator.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "CodeBody".
 */
export interface CodeBody {
  code: string;
}
/**
 * Let these recommended teams go: those that the operator saw.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "ConfirmBody".
 */
export interface ConfirmBody {
  key: string;
  /**
   * @minItems 1
   * @maxItems 12
   */
  teams: string[];
}
/**
 * A cell of the coverage table; None stands for all waves, all tiers, or each point's own target.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "CoverCell".
 */
export interface CoverCell {
  covered: number;
  covered_points: number;
  demand: number;
  k: number;
  limit_ms: number | null;
  points: number;
  tier: Tier | null;
  wave: Wave | null;
}
/**
 * How much is covered; after another ``at_ms``, when the cover changed, GET /api/coverage is worth asking.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "CoverNote".
 */
export interface CoverNote {
  at_ms: number;
  tiers: TierShare[];
}
/**
 * Of the places of one tier: all, and those that some team reaches within the tier's target.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "TierShare".
 */
export interface TierShare {
  once: number;
  places: number;
  tier: Tier;
}
/**
 * The live cover in numbers and as cells of street for a map.
 *
 * ``limits_ms`` are the distinct targets, rising. Cell i lies at (``lon_e5[i]``, ``lat_e5[i]``), in 1e-5 degrees;
 * ``level[i]`` is the index of the first limit within which some team reaches it, ``len(limits_ms)`` where none
 * does. ``cells_left_out`` counts the cells that were not sent, covered ones first. ``uncovered`` has the gravest
 * tiers first, at most MAX_UNCOVERED of ``n_uncovered``. ``expected_micro`` of ``possible_micro`` is the expected
 * covered demand (MEXCLP: Daskin 1983).
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "CoverPicture".
 */
export interface CoverPicture {
  cell_m: number;
  cells_left_out: number;
  expected_micro: number;
  lat_e5: number[];
  level: number[];
  limits_ms: number[];
  lon_e5: number[];
  n_uncovered: number;
  possible_micro: number;
  streets: StreetCover[];
  teams: number;
  tiers: TierCover[];
  uncovered: UncoveredPlace[];
}
/**
 * Metres of street within ``limit_ms`` of some team, of all metres.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "StreetCover".
 */
export interface StreetCover {
  all_m: number;
  covered_m: number;
  limit_ms: number;
}
/**
 * The places of one tier: all, those within its target of one team at least, and of two.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "TierCover".
 */
export interface TierCover {
  once: number;
  places: number;
  target_ms: number;
  tier: Tier;
  twice: number;
}
/**
 * A place without a team within its target; ``nearest_ms`` is None where none comes within the longest one.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "UncoveredPlace".
 */
export interface UncoveredPlace {
  lat: number;
  lon: number;
  name: string;
  nearest_ms: number | null;
  place: string;
  target_ms: number;
  tier: Tier;
}
/**
 * Coverage: the posts that stand, the table, and in ``count`` a byte a point, base64: how many reach it.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "CoverView".
 */
export interface CoverView {
  cells: CoverCell[];
  count: string;
  hour: number | null;
  incidents: number;
  limits_ms: number[];
  posts: PostBody[];
  took_ms: number;
}
/**
 * What the teams that stand ready cover as of ``seq``.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "CoverageView".
 */
export interface CoverageView {
  now_ms: number;
  picture: CoverPicture;
  seq: number;
}
/**
 * The points of demand as columns of one length, places first; ``tier`` is an index into T1, T2, T3.
 *
 * A street stands at the middle of its cell, which is ``cell_lon`` × ``cell_lat`` degrees large.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "DemandView".
 */
export interface DemandView {
  cell_lat: number;
  cell_lon: number;
  cell_m: number;
  lat: number[];
  limit_ms: number[];
  lon: number[];
  places: PlaceName[];
  profiles: string[];
  tier: number[];
  weight: number[];
}
/**
 * A place among the points, by its order there.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "PlaceName".
 */
export interface PlaceName {
  name: string;
  name_en: string;
  place: string;
}
/**
 * A device; ``check`` is the number that a person compares before confirming.
 *
 * ``seen_ms`` is when it was last connected, null where not since the service started; ``battery`` is the
 * percentage that its team's latest fix named, null where none did.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "DeviceView".
 */
export interface DeviceView {
  battery: number | null;
  by: string;
  check: string;
  connected: boolean;
  device: string;
  enrolled_ms: number;
  name: string;
  seen_ms: number | null;
  status: DeviceStatus;
  team: string;
}
/**
 * Whether the account is shut out.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "DisabledBody".
 */
export interface DisabledBody {
  disabled: boolean;
}
/**
 * What came of a command: the id it was about and the log positions it wrote.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "Done".
 */
export interface Done {
  first_seq: number;
  last_seq: number;
  outcome: "applied" | "replayed" | "superseded";
  subject: string;
}
/**
 * Start or end a team's duty.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "DutyBody".
 */
export interface DutyBody {
  key: string;
  on_duty: boolean;
}
/**
 * A team is off duty.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "DutyEnded".
 */
export interface DutyEnded {
  kind: "duty_ended";
  team: string;
}
/**
 * A team is on patrol.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "DutyStarted".
 */
export interface DutyStarted {
  kind: "duty_started";
  team: string;
}
/**
 * A device's answer to its code: the public P-256 key that it made, and its signature of both.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "EnrolBody".
 */
export interface EnrolBody {
  key: string;
  name: string;
  secret: string;
  signature: string;
}
/**
 * AuthenticationResponseJSON of WebAuthn level 3, as far as it is looked at.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "EnterAnswer".
 */
export interface EnterAnswer {
  id: string;
  rawId: string;
  response: Asserted;
  type: "public-key";
}
/**
 * One event; ``after`` is the seq of the frame before it for this audience, so that a gap is seen.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "EventFrame".
 */
export interface EventFrame {
  after: number;
  at_ms: number;
  event:
    | TeamRegistered
    | DutyStarted
    | DutyEnded
    | StandbyTaken
    | PatrolResumed
    | TaskPlanned
    | TaskStarted
    | TaskEnded
    | IncidentReported
    | IncidentWaiting
    | WaitingEnded
    | IncidentClosed
    | IncidentReopened
    | IncidentMerged
    | IncidentUnmerged
    | NoteAdded
    | WaveOpened
    | TeamsRecommended
    | RecommendationConfirmed
    | OverrideNoted
    | OrderOffered
    | OrderStored
    | OrderShown
    | HelpAsked
    | OrderAccepted
    | OrderDeparted
    | OrderArrived
    | OrderReportedBack
    | OrderClosed
    | OrderDeclined
    | OrderExpired
    | OrderRecalled;
  seq: number;
  type: "event";
}
/**
 * A team is known to the desk, or known by other data from now on; its duty stays as it is.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "TeamRegistered".
 */
export interface TeamRegistered {
  home: Point;
  kind: "team_registered";
  name: string;
  name_en: string;
  profile: string;
  shift: Shift | null;
  skills: string[];
  staff: number;
  team: string;
  unit: TeamKind;
  vehicle: string;
}
/**
 * The hours of a team: minutes after local midnight, 0…1439; a shift may run over midnight.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "Shift".
 */
export interface Shift {
  from_min: number;
  until_min: number;
}
/**
 * 备勤点: the team stands by at a point.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "StandbyTaken".
 */
export interface StandbyTaken {
  kind: "standby_taken";
  place: string;
  team: string;
  where: Point;
}
/**
 * The team has left its standby point and patrols again.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "PatrolResumed".
 */
export interface PatrolResumed {
  kind: "patrol_resumed";
  team: string;
}
/**
 * 微服务: a task from ``starts_at_ms`` to ``ends_at_ms``; till it starts the team is as free as before.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "TaskPlanned".
 */
export interface TaskPlanned {
  ends_at_ms: number;
  kind: "task_planned";
  starts_at_ms: number;
  task: string;
  team: string;
}
/**
 * The team is on its duty task: it may still be sent, at a lower rank.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "TaskStarted".
 */
export interface TaskStarted {
  kind: "task_started";
  team: string;
}
/**
 * The task is over, or will not be: done, cancelled, called_off (for an incident), time, missed, off_duty.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "TaskEnded".
 */
export interface TaskEnded {
  kind: "task_ended";
  reason: string;
  team: string;
}
/**
 * An incident is open; where it is, which place and tier that is, and the target it sets.
 *
 * ``similar`` names open incidents that may be the same one, the nearest first: an operator merges them or not.
 * ``late_at_ms`` is when the next wave follows by itself where nobody of this one has arrived (None: never).
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "IncidentReported".
 */
export interface IncidentReported {
  incident: string;
  kind: "incident_reported";
  late_at_ms: number | null;
  note: string;
  off_road_m: number;
  place: string;
  road: string;
  similar: string[];
  source: string;
  target_ms: number;
  tier: Tier;
  urgency: Urgency;
  what: IncidentKind;
  where: Point;
}
/**
 * Somebody is wanted whom the desk cannot send now; why, and when it asks again.
 *
 * ``short`` names the waves that lack a team; empty (a log of the first days) is the first wave. The reason
 * ``served`` is another: nobody is wanted and nobody is there any more, and the operator is to close the incident.
 * Then ``retry_at_ms`` is None, for the clock has nothing to ask.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "IncidentWaiting".
 */
export interface IncidentWaiting {
  excluded: Exclusion[];
  incident: string;
  kind: "incident_waiting";
  reason: string;
  retry_at_ms: number | null;
  short: Wave[];
}
/**
 * Nobody more is wanted at an incident that waited: somebody's order has come to count for it.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "WaitingEnded".
 */
export interface WaitingEnded {
  incident: string;
  kind: "waiting_ended";
}
/**
 * An incident has ended.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "IncidentClosed".
 */
export interface IncidentClosed {
  incident: string;
  kind: "incident_closed";
  outcome: string;
}
/**
 * The closing was a mistake: the incident is open again, and who goes is decided anew.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "IncidentReopened".
 */
export interface IncidentReopened {
  incident: string;
  kind: "incident_reopened";
  late_at_ms: number | null;
}
/**
 * The incident is the same as ``into``: its orders go on and count there, its own needs end.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "IncidentMerged".
 */
export interface IncidentMerged {
  incident: string;
  into: string;
  kind: "incident_merged";
}
/**
 * The merging was a mistake: the incident stands for itself again.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "IncidentUnmerged".
 */
export interface IncidentUnmerged {
  incident: string;
  kind: "incident_unmerged";
}
/**
 * Somebody has more to say about an incident; nothing else about it changes.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "NoteAdded".
 */
export interface NoteAdded {
  incident: string;
  kind: "note_added";
  note: string;
  source: string;
}
/**
 * 第二/三波警力: a further wave goes too; ``reason`` is urgency, silent, late, help, unfilled or operator.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "WaveOpened".
 */
export interface WaveOpened {
  incident: string;
  kind: "wave_opened";
  late_at_ms: number | null;
  reason: string;
  wave: Wave;
}
/**
 * The desk would send these teams; nobody goes until an operator confirms. Asked again at ``retry_at_ms``.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "TeamsRecommended".
 */
export interface TeamsRecommended {
  incident: string;
  kind: "teams_recommended";
  picks: Pick[];
  retry_at_ms: number;
  short: Wave[];
}
/**
 * A team that the desk recommends and nobody has confirmed: what an offer to it would say.
 *
 * ``replaces`` is the order that would be recalled for it: the team's own, or that of the team it relieves.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "dispatch__domain__choice__Pick".
 */
export interface Pick {
  choice: Choice;
  eta_ms: number;
  replaces: string | null;
  road_m: number;
  team: string;
  wave: Wave;
}
/**
 * An operator lets these recommended teams go.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "RecommendationConfirmed".
 */
export interface RecommendationConfirmed {
  incident: string;
  kind: "recommendation_confirmed";
  teams: string[];
}
/**
 * An operator chose by hand: about whom, and why. The reason is for the desk alone, not for the team.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "OverrideNoted".
 */
export interface OverrideNoted {
  about: string;
  incident: string;
  kind: "override_noted";
  reason: string;
}
/**
 * One team is asked to go to one incident, until ``deadline_ms``. Carries all that the tablet must show.
 *
 * ``by`` says whether a person confirmed or chose it; ``replaces`` is the order that was recalled for it.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "OrderOffered".
 */
export interface OrderOffered {
  attempt: number;
  by: "desk" | "operator";
  choice: Choice;
  deadline_ms: number;
  eta_ms: number;
  incident: string;
  kind: "order_offered";
  note: string;
  order: string;
  place: string;
  replaces: string | null;
  road: string;
  road_m: number;
  team: string;
  urgency: Urgency;
  wave: Wave;
  what: IncidentKind;
  where: Point;
}
/**
 * The order is on the tablet's durable storage.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "OrderStored".
 */
export interface OrderStored {
  device: string;
  kind: "order_stored";
  order: string;
  team: string;
}
/**
 * The order is drawn and sounded on the tablet.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "OrderShown".
 */
export interface OrderShown {
  device: string;
  kind: "order_shown";
  order: string;
  team: string;
}
/**
 * 增援: the team of a live order asks for more force at its incident.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "HelpAsked".
 */
export interface HelpAsked {
  incident: string;
  kind: "help_asked";
  note: string;
  occurred_at_ms: number;
  order: string;
  team: string;
}
/**
 * 签收: the team takes the order.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "OrderAccepted".
 */
export interface OrderAccepted {
  kind: "order_accepted";
  occurred_at_ms: number;
  order: string;
  team: string;
}
/**
 * 出警: the team is on its way.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "OrderDeparted".
 */
export interface OrderDeparted {
  kind: "order_departed";
  occurred_at_ms: number;
  order: string;
  team: string;
}
/**
 * 到达: the team is on the scene.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "OrderArrived".
 */
export interface OrderArrived {
  kind: "order_arrived";
  occurred_at_ms: number;
  order: string;
  team: string;
}
/**
 * 反馈: what the team found and did.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "OrderReportedBack".
 */
export interface OrderReportedBack {
  kind: "order_reported_back";
  note: string;
  occurred_at_ms: number;
  order: string;
  team: string;
}
/**
 * The team has left the scene and is free again.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "OrderClosed".
 */
export interface OrderClosed {
  kind: "order_closed";
  occurred_at_ms: number;
  order: string;
  team: string;
}
/**
 * The team cannot go, and says why.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "OrderDeclined".
 */
export interface OrderDeclined {
  kind: "order_declined";
  note: string;
  occurred_at_ms: number;
  order: string;
  team: string;
}
/**
 * The team was silent until the deadline.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "OrderExpired".
 */
export interface OrderExpired {
  kind: "order_expired";
  order: string;
  team: string;
}
/**
 * The desk takes the order back.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "OrderRecalled".
 */
export interface OrderRecalled {
  kind: "order_recalled";
  order: string;
  reason: string;
  team: string;
}
/**
 * A second factor that is being set up: for the authenticator as text, as address, and as QR code (SVG).
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "FactorView".
 */
export interface FactorView {
  address: string;
  secret: string;
  svg: string;
}
/**
 * A place that a search found; ``place`` and ``tier`` are those of our own places, None for the extract's.
 *
 * ``kind`` is one of ``geo_data.gazetteer.KINDS``; ``within`` the nearest village, or empty; ``away_m`` the
 * distance to where the question looked, None where it looked nowhere.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "FoundView".
 */
export interface FoundView {
  away_m: number | null;
  kind: string;
  lat: number;
  lon: number;
  name: string;
  name_en: string;
  place: string | null;
  tier: string | null;
  within: string;
  within_en: string;
}
/**
 * A point that nobody reaches in its target; without a post nobody is near within 20 minutes.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "GapView".
 */
export interface GapView {
  lat: number;
  lon: number;
  missing_ms: number | null;
  name: string;
  name_en: string;
  point: number;
  post: string | null;
  street: string;
  target_ms: number;
  tier: Tier;
  travel_ms: number | null;
  weight: number;
}
/**
 * The gravest gaps, at most as many as were asked for; ``total`` counts all.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "GapsView".
 */
export interface GapsView {
  demand: number;
  gaps: GapView[];
  total: number;
}
/**
 * What the service routes on; ``bounds`` is west, south, east, north in degrees.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "GroundView".
 */
export interface GroundView {
  arcs: number;
  /**
   * @minItems 4
   * @maxItems 4
   */
  bounds: [number, number, number, number];
  demo: boolean;
  junctions: number;
  licence: string;
  pace: number;
  profiles: string[];
  source: string;
  source_date: string | null;
  synthetic: boolean;
}
/**
 * Incidents of a tier or of a place; of a group smaller than ``least`` only the number is told.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "GroupView".
 */
export interface GroupView {
  arrived: number;
  incidents: number;
  legs: LegView[];
  met: number;
  name: string;
  target_ms: number | null;
  tier: Tier | null;
}
/**
 * One leg of a group; percentiles are None where there are too few.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "LegView".
 */
export interface LegView {
  leg: "offered" | "accepted" | "departed" | "arrived" | "reported_back";
  n: number;
  p50_ms: number | null;
  p90_ms: number | null;
}
/**
 * Whether the service answers and its log takes new facts.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "Health".
 */
export interface Health {
  connections: number;
  epoch: string;
  open_incidents: number;
  problem: string | null;
  seq: number;
  status: "ok" | "degraded";
  teams: number;
}
/**
 * Past incidents in cells: the middle of each, and rows (cell, hour of the week from Monday 0:00, how many).
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "HeatView".
 */
export interface HeatView {
  cell_m: number;
  days: number;
  history: string;
  incidents: number;
  lat: number[];
  lon: number[];
  outside: number;
  rows: [number, number, number][];
}
/**
 * A team asks for more force at its incident, told by radio to whoever sends this.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "HelpBody".
 */
export interface HelpBody {
  key: string;
  note: string;
}
/**
 * Past incidents to keep under a name: in its place, or with ``at`` behind the ``at`` that are there.
 *
 * A part that was kept and is said again changes nothing; the answer says how many are kept: where to go on.
 * A row is latitude, longitude, local day (days since 1970-01-01) and local hour.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "HistoryBody".
 */
export interface HistoryBody {
  at: number;
  /**
   * @minItems 1
   * @maxItems 1000
   */
  rows: [number, number, number, number][];
  title: string;
}
/**
 * Events in the order of the log; ``head`` is the last event now.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "HistoryView".
 */
export interface HistoryView {
  events: EventFrame[];
  head: number;
}
/**
 * An hour of the day: the posts that stand, past incidents in it, and the share covered, in thousandths.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "HourView".
 */
export interface HourView {
  all_permille: number;
  hour: number;
  incidents: number;
  posts: number;
  t1_permille: number;
  t2_permille: number;
  t3_permille: number;
}
/**
 * The 24 hours of a day.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "HoursView".
 */
export interface HoursView {
  days: number;
  hours: HourView[];
  incidents: number;
}
/**
 * An incident and every order that was given for it, oldest first.
 *
 * Teams that were asked since ``round_from_order`` are not asked again in this round; orders before
 * ``since_order`` were given before the incident, or the one it was merged into, was reopened, and fill nothing.
 * ``merged`` names the incidents that were merged into this one: their orders count here. One that waits without
 * ``retry_at_ms`` waits for the operator, not for a team.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "Incident".
 */
export interface Incident {
  closed_at_ms: number | null;
  incident: string;
  merged: string[];
  merged_at_ms: number | null;
  merged_into: string | null;
  note: string;
  notes: Note[];
  off_road_m: number;
  orders: string[];
  outcome: string | null;
  place: string;
  recommended: Pick[];
  reported_at_ms: number;
  retry_at_ms: number | null;
  road: string;
  round_from_order: number;
  similar: string[];
  since_order: number;
  source: string;
  status: IncidentStatus;
  target_ms: number;
  tier: Tier;
  urgency: Urgency;
  waiting_reason: string | null;
  waves: OpenedWave[];
  what: IncidentKind;
  where: Point;
}
/**
 * What somebody added to an incident.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "Note".
 */
export interface Note {
  at_ms: number;
  note: string;
  source: string;
}
/**
 * A wave that an incident has called: when, why, and when the next one follows if nobody of it has arrived.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "OpenedWave".
 */
export interface OpenedWave {
  at_ms: number;
  late_at_ms: number | null;
  reason: string;
  wave: Wave;
}
/**
 * An incident with its orders, those of incidents merged into it included.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "IncidentView".
 */
export interface IncidentView {
  incident: Incident;
  orders: Order[];
}
/**
 * One offer to one team, with the time of each of its steps as the desk recorded them.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "Order".
 */
export interface Order {
  accepted_at_ms: number | null;
  arrived_at_ms: number | null;
  attempt: number;
  by: "desk" | "operator";
  choice: Choice;
  deadline_ms: number;
  departed_at_ms: number | null;
  end_reason: string | null;
  ended_at_ms: number | null;
  eta_ms: number;
  help_asked_at_ms: number | null;
  incident: string;
  offered_at_ms: number;
  offered_seq: number;
  order: string;
  replaces: string | null;
  report: string | null;
  reported_back_at_ms: number | null;
  road_m: number;
  shown_at_ms: number | null;
  status: OrderStatus;
  stored_at_ms: number | null;
  team: string;
  wave: Wave;
}
/**
 * For which team a tablet is to be enrolled.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "InviteBody".
 */
export interface InviteBody {
  team: string;
}
/**
 * A one-use code: ``url`` has its secret in the fragment, which no browser sends; ``svg`` draws it.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "InviteView".
 */
export interface InviteView {
  svg: string;
  team: string;
  until_ms: number;
  url: string;
}
/**
 * A command that needs nothing but its key: reopen, unmerge, call a wave, undo.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "KeyBody".
 */
export interface KeyBody {
  key: string;
}
/**
 * RegistrationResponseJSON of WebAuthn level 3, as far as it is looked at.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "MadeAnswer".
 */
export interface MadeAnswer {
  id: string;
  rawId: string;
  response: Attested;
  type: "public-key";
}
/**
 * The same, and what may be done: add a point, or move one; a team of ``unit`` by ``profile``.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "MendBody".
 */
export interface MendBody {
  demand: string;
  hour: number | null;
  picks: number;
  /**
   * @maxItems 300
   */
  posts: PostBody[];
  profile: string;
  source: "now" | "roster" | "posts";
  way: "add" | "move";
  /**
   * @maxItems 7
   */
  weekdays: number[];
}
/**
 * A standby point that covers more: where, what is gained, and for a move which post goes there.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "MendPick".
 */
export interface MendPick {
  gain: number;
  lat: number;
  lon: number;
  lost: number;
  points: number;
  post: string | null;
  sooner_ms: number | null;
}
/**
 * What would mend most, best first; added points are chosen one after the other, moves each by itself.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "MendView".
 */
export interface MendView {
  candidates: number;
  covered: number;
  demand: number;
  picks: MendPick[];
  way: "add" | "move";
}
/**
 * Merge an incident into another open one that is the same.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "MergeBody".
 */
export interface MergeBody {
  into: string;
  key: string;
}
/**
 * The moves that together raise the expected covered demand most; none where nothing is worth it.
 *
 * ``left_this_hour`` is how many moves may still be made in this hour; ``exact`` that no other set is better.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "MoveUpsView".
 */
export interface MoveUpsView {
  after_micro: number;
  before_micro: number;
  exact: boolean;
  left_this_hour: number;
  moves: MoveView[];
  now_ms: number;
  seq: number;
}
/**
 * One team to one post: the drive, what it adds there, and the hole that it opens behind it.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "MoveView".
 */
export interface MoveView {
  drive_ms: number;
  hole: Hole | null;
  lat: number;
  lon: number;
  lost_micro: number;
  post: string;
  post_name: string;
  team: string;
  won_micro: number;
}
/**
 * A challenge to sign within 30 s.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "NonceView".
 */
export interface NonceView {
  nonce: string;
}
/**
 * Add a note to an incident, open or not.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "NoteBody".
 */
export interface NoteBody {
  key: string;
  note: string;
}
/**
 * A password that is told once and works once.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "OneTimeView".
 */
export interface OneTimeView {
  name: string;
  one_time_password: string;
}
/**
 * Whom the other policy would send: team, ms by road, and the size of the hole; no team where nobody.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "OtherPick".
 */
export interface OtherPick {
  eta_ms: number | null;
  loss_micro: number | null;
  policy: string;
  team: string | null;
}
/**
 * Somebody of a team needs help at once; without a position the latest one that is known counts.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "PanicBody".
 */
export interface PanicBody {
  at_ms: number;
  key: string;
  lat: number | null;
  lon: number | null;
  why: "button" | "check_in";
}
/**
 * What the browser is asked: the JSON of ``parseCreationOptionsFromJSON``, or of its sister for requests.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "PasskeyAsk".
 */
export interface PasskeyAsk {
  options: {
    [k: string]: unknown;
  };
}
/**
 * A passkey's answer to a sign-in, and what kind of screen this is.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "PasskeyEnterBody".
 */
export interface PasskeyEnterBody {
  answer: EnterAnswer;
  screen: Screen;
}
/**
 * A passkey that the browser made, and what to call it.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "PasskeyMadeBody".
 */
export interface PasskeyMadeBody {
  answer: MadeAnswer;
  name: string;
}
/**
 * A passkey of one's own.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "PasskeyView".
 */
export interface PasskeyView {
  made_ms: number;
  name: string;
  passkey: string;
  site: string;
}
/**
 * One's own passkeys; ``site`` is the host name that new ones are for, null where there can be none.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "PasskeysView".
 */
export interface PasskeysView {
  passkeys: PasskeyView[];
  site: string | null;
}
/**
 * A new password in place of the old one.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "PasswordBody".
 */
export interface PasswordBody {
  new: string;
  old: string;
}
/**
 * Past incidents that planning may weigh by: how many, over how many days, and how many lie on this ground.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "PastIncidentsView".
 */
export interface PastIncidentsView {
  days: number;
  history: string;
  incidents: number;
  inside: number;
  title: string;
}
/**
 * The desk as it was after event ``seq``, which was at ``at_ms`` (0 before the first); ``head`` is now's last.
 *
 * Positions of teams are no facts of record and are not in it.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "PastView".
 */
export interface PastView {
  at_ms: number;
  head: number;
  seq: number;
  snapshot: Snapshot;
}
/**
 * What this audience may see, as of ``seq``, in parts: apply when ``part == parts`` (both from 1).
 *
 * A console gets every team, every incident that is open or among the latest closed, and their orders; a tablet
 * its own team, its live order and that order's incident.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "Snapshot".
 */
export interface Snapshot {
  incidents: Incident[];
  orders: Order[];
  part: number;
  parts: number;
  seq: number;
  teams: Team[];
  type: "snapshot";
}
/**
 * A patrol team. Whether it is busy is read from its live order.
 *
 * ``post`` is its standby point, where it has one; ``last_accepted_at_ms`` is for rest rotation.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "Team".
 */
export interface Team {
  duty: Duty;
  home: Point;
  last_accepted_at_ms: number | null;
  name: string;
  name_en: string;
  post: Point | null;
  post_name: string;
  profile: string;
  shift: Shift | null;
  skills: string[];
  staff: number;
  task: Task | null;
  team: string;
  unit: TeamKind;
  vehicle: string;
}
/**
 * A duty task of a team; it runs while the team's duty says so, before that it is only planned.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "Task".
 */
export interface Task {
  ends_at_ms: number;
  starts_at_ms: number;
  task: string;
}
/**
 * Board data for consoles, lossy and without seq: the latest fix of each team that moved, a changed cover.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "Peer".
 */
export interface Peer {
  cover: CoverNote | null;
  fixes: Fix[];
  type: "peer";
}
/**
 * A photo that is about to come: ``digest`` is the SHA-256 of its bytes, ``key`` the one of its note.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "PhotoBody".
 */
export interface PhotoBody {
  digest: string;
  incident: string;
  key: string;
  size: number;
  taken_ms: number;
}
/**
 * How many bytes of a photo the service holds on its disk; ``done``: all, checked, and noted in the log.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "PhotoProgress".
 */
export interface PhotoProgress {
  digest: string;
  done: boolean;
  have: number;
  size: number;
}
/**
 * A photo of an incident; ``GET /api/photos/{digest}`` has its bytes.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "PhotoView".
 */
export interface PhotoView {
  digest: string;
  incident: string;
  media_type: string;
  size: number;
  taken_ms: number;
  team: string;
}
/**
 * A place with a tier of its own.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "PlaceView".
 */
export interface PlaceView {
  kind: string;
  lat: number;
  lon: number;
  name: string;
  name_en: string;
  place: string;
  radius_m: number;
  tier: string;
}
/**
 * A plan without its posts, for the list.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "PlanHeadView".
 */
export interface PlanHeadView {
  author: string;
  note: string;
  plan: string;
  posts: number;
  saved_at_ms: number;
  title: string;
  version: number;
}
/**
 * A plan as it is kept.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "PlanView".
 */
export interface PlanView {
  author: string;
  note: string;
  plan: string;
  posts: PostBody[];
  saved_at_ms: number;
  title: string;
  version: number;
}
/**
 * One exchange: frames of the client, and how many frames of the service it has.
 *
 * Without ``session`` a connection is opened. ``first`` is the number of the first of ``frames``, counted from 0
 * over the whole connection: what the service has already taken is passed over, so an exchange may be sent again
 * as it is. ``got`` frames need not be told again. ``wait_ms`` 0 is answered at once, else when there is something
 * to tell.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "PollBody".
 */
export interface PollBody {
  first: number;
  /**
   * @maxItems 64
   */
  frames: {
    [k: string]: unknown;
  }[];
  got: number;
  session: string | null;
  wait_ms: number;
}
/**
 * The answer: frames of the service from number ``first`` on; ``closed`` is the close code once it is over.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "PollView".
 */
export interface PollView {
  closed: number | null;
  first: number;
  frames: {
    [k: string]: unknown;
  }[];
  session: string;
}
/**
 * Any "no": the code of the refusal table, what is wrong, and what to do.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "Problem".
 */
export interface Problem {
  code: string;
  hint: string;
  message: string;
  number: number;
}
/**
 * A signed challenge.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "ProofBody".
 */
export interface ProofBody {
  nonce: string;
  signature: string;
}
/**
 * Take an order back and say why.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "RecallBody".
 */
export interface RecallBody {
  key: string;
  reason: string;
}
/**
 * What the desk would do for an incident as of ``seq``; no pick where it lacks nobody.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "RecommendationView".
 */
export interface RecommendationView {
  incident: string;
  now_ms: number;
  picks: Pick1[];
  policy: string;
  seq: number;
}
/**
 * One need of an incident: a team to send, one that stays on its way, or nobody and why.
 *
 * ``left_ms`` is the time left to the target. ``choice`` explains a team that is to be sent; ``diverted_from`` is
 * the live order it would be taken from, ``replaces`` the team it would relieve, ``preempted`` that it would be
 * called off a task. ``reason`` and ``excluded`` explain where nobody can be sent.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "dispatch__wire__recommendation__Pick".
 */
export interface Pick1 {
  action: "send" | "keep" | "none";
  choice: Choice | null;
  diverted_from: string | null;
  eta_ms: number | null;
  excluded: Exclusion[];
  in_time: boolean | null;
  left_ms: number;
  other: OtherPick;
  preempted: boolean;
  reason: string | null;
  replaces: string | null;
  slot: number;
  team: string | null;
  wave: Wave;
}
/**
 * Report an incident; ``key`` is made by the sender and kept for every repetition of the same report.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "ReportBody".
 */
export interface ReportBody {
  key: string;
  lat: number;
  lon: number;
  note: string;
  urgency: Urgency;
  what: IncidentKind;
}
/**
 * Response clocks from the log, by tier and by place, never by a person or a single team.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "ReportView".
 */
export interface ReportView {
  days: number;
  incidents: number;
  least: number;
  places: GroupView[];
  tiers: GroupView[];
}
/**
 * What came of a command, sent only after commit: ``code`` and ``message`` where it was refused.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "Result".
 */
export interface Result {
  code: string | null;
  key: string;
  message: string | null;
  outcome: "applied" | "replayed" | "superseded" | "refused";
  type: "result";
}
/**
 * Another role and other desks of an account; ``*`` is every desk.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "RoleBody".
 */
export interface RoleBody {
  /**
   * @minItems 1
   * @maxItems 32
   */
  desks: string[];
  role: Role;
}
/**
 * A new public key, signed by the old one together with the challenge.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "RotateBody".
 */
export interface RotateBody {
  key: string;
  nonce: string;
  signature: string;
}
/**
 * Save a plan under its name; ``version`` is the one that was read, 0 for a new plan.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "SavePlanBody".
 */
export interface SavePlanBody {
  note: string;
  /**
   * @maxItems 300
   */
  posts: PostBody[];
  title: string;
  version: number;
}
/**
 * Send a team by hand and say why.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "SendBody".
 */
export interface SendBody {
  key: string;
  reason: string;
  team: string;
  wave: Wave | null;
}
/**
 * The hello was taken: the log's epoch and head, and whether a snapshot or the missed events follow.
 *
 * ``generation`` grows with every connection of the device; the older one is closed.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "Welcome".
 */
export interface Welcome {
  epoch: string;
  generation: number;
  head: number;
  now_ms: number;
  ping_every_s: number;
  protocol: "patrol.v1";
  resume: boolean;
  type: "welcome";
}
/**
 * Who is signed in here: nobody where ``account`` is null. ``demo`` says that a demo may be entered freely.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "SessionView".
 */
export interface SessionView {
  account: string | null;
  demo: boolean;
  desks: string[];
  ends_at_ms: number | null;
  idle_lock_ms: number;
  locked: boolean;
  may: string[];
  role: Role | null;
  stage: Stage | null;
  team: string | null;
}
/**
 * The hours of a team in minutes after local midnight; a shift may run over midnight.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "ShiftBody".
 */
export interface ShiftBody {
  from_min: number;
  until_min: number;
}
/**
 * Name and password, the second factor's code where it is set up, and what kind of screen this is.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "SignInBody".
 */
export interface SignInBody {
  code: string | null;
  name: string;
  password: string;
  screen: Screen;
}
/**
 * Post a team at a standby point; without a point it goes on patrol again.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "StandbyBody".
 */
export interface StandbyBody {
  key: string;
  lat: number | null;
  lon: number | null;
}
/**
 * Plan a duty task for a team, in ms since the epoch.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "TaskBody".
 */
export interface TaskBody {
  ends_at_ms: number;
  key: string;
  starts_at_ms: number;
  task: string;
}
/**
 * Make a team known, at its home.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "TeamBody".
 */
export interface TeamBody {
  key: string;
  lat: number;
  lon: number;
  name: string;
  name_en: string;
  profile: string;
  shift: ShiftBody | null;
  /**
   * @maxItems 8
   */
  skills: string[];
  staff: number;
  team: string;
  unit: TeamKind;
  vehicle: string;
}
/**
 * A team by its id and its names.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "TeamName".
 */
export interface TeamName {
  name: string;
  name_en: string;
  team: string;
}
/**
 * A team as the board shows it: duty, task, live order, and its latest position with source and age.
 *
 * ``source`` tells a real fix from a computed place: home or standby point, where there is no fix.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "TeamView".
 */
export interface TeamView {
  connected: boolean;
  duty: string;
  fix_age_ms: number | null;
  incident: string | null;
  name: string;
  name_en: string;
  order: string | null;
  position: Point;
  post: Point | null;
  post_name: string;
  profile: string;
  shift: Shift | null;
  skills: string[];
  source: FixSource;
  staff: number;
  task: Task | null;
  team: string;
  unit: TeamKind;
  vehicle: string;
}
/**
 * A ticket for one connection.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "TicketView".
 */
export interface TicketView {
  ticket: string;
  until_ms: number;
}
/**
 * Of which team a program is to send the positions, and what to call it.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "TrackerBody".
 */
export interface TrackerBody {
  name: string;
  team: string;
}
/**
 * A token that is told once: the password of HTTP Basic with any user name, or a Bearer token.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "TrackerTokenView".
 */
export interface TrackerTokenView {
  team: string;
  token: string;
  tracker: string;
}
/**
 * A tracker; its token is never told again. ``seen_ms`` and ``battery`` are as a device's.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "TrackerView".
 */
export interface TrackerView {
  battery: number | null;
  by: string;
  made_ms: number;
  name: string;
  seen_ms: number | null;
  team: string;
  tracker: string;
}
/**
 * The password of whoever is signed in; a demo's needs none.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "UnlockBody".
 */
export interface UnlockBody {
  password: string;
}
/**
 * One step of the walk of an incident: its number and name, when it was done, in ms after the report.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "WalkStep".
 */
export interface WalkStep {
  at_ms: number | null;
  detail: string;
  name: string;
  step: number;
}
/**
 * One manoeuvre in both languages, then metres and ms to the next; ``kind`` is of geo_data.manoeuvres.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "WayStep".
 */
export interface WayStep {
  /**
   * @minItems 2
   * @maxItems 2
   */
  at: [number, number];
  en: string;
  kind: string;
  length_m: number;
  street: string | null;
  travel_ms: number;
  zh: string;
}
/**
 * The fastest way between two places: its line in (lon, lat) degrees WGS-84, and its steps.
 *
 * This interface was referenced by `WireDocument`'s JSON-Schema
 * via the `definition` "WayView".
 */
export interface WayView {
  length_m: number;
  line: [number, number][];
  steps: WayStep[];
  travel_ms: number;
}
