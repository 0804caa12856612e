// What one person's page can do. Runs in the browser; two-people.mjs calls it through window.person.
import * as sdk from "matrix-js-sdk";

let client;
const logged = [];
const echo = (level) => (...parts) => logged.push(`${level}: ${parts.map(String).join(" ")}`.slice(0, 400));
const logger = {
  trace() {}, debug() {}, info() {}, log() {},
  warn: echo("warn"), error: echo("error"),
  getChild: () => logger,
};

const room = (id) => {
  const found = client.getRoom(id);
  if (!found) throw new Error(`the page does not know room ${id}`);
  return found;
};

// The live timeline and those linked to it: paging back over a gap ends by linking to what was known before the gap.
function eventsOf(id) {
  const events = [];
  for (let part = client.getRoom(id)?.getLiveTimeline(); part; part = part.getNeighbouringTimeline("b")) {
    events.unshift(...part.getEvents());
  }
  return events;
}

const messagesOf = (id) =>
  eventsOf(id)
    .filter((e) => e.getType() === "m.room.message")
    .map((e) => ({ id: e.getId(), sender: e.getSender(), body: e.getContent().body ?? null, status: e.status ?? null }));

async function start(credentials, baseUrl) {
  const store = new sdk.IndexedDBStore({ indexedDB: window.indexedDB, localStorage: window.localStorage, dbName: "person" });
  client = sdk.createClient({
    baseUrl,
    userId: credentials.user_id,
    deviceId: credentials.device_id,
    accessToken: credentials.access_token,
    store,
    timelineSupport: true,
    logger,
  });
  await store.startup();
  const ready = new Promise((resolve) => client.on(sdk.ClientEvent.Sync, (state) => state === "SYNCING" && resolve()));
  await client.startClient({ initialSyncLimit: 50, lazyLoadMembers: true });
  await ready;
  return client.getUserId();
}

function remember(baseUrl, credentials) {
  localStorage.setItem("baseUrl", baseUrl);
  localStorage.setItem("credentials", JSON.stringify(credentials));
  return start(credentials, baseUrl);
}

window.person = {
  async register(baseUrl, username, password) {
    const visitor = sdk.createClient({ baseUrl, logger });
    const wish = { username, password, initial_device_display_name: "Browser" };
    let credentials;
    try {
      credentials = await visitor.registerRequest(wish);
    } catch (refusal) {
      if (refusal.httpStatus !== 401) throw refusal;
      credentials = await visitor.registerRequest({ ...wish, auth: { type: "m.login.dummy", session: refusal.data.session } });
    }
    return remember(baseUrl, credentials);
  },

  async login(baseUrl, username, password) {
    const visitor = sdk.createClient({ baseUrl, logger });
    const identifier = { type: "m.id.user", user: username };
    return remember(baseUrl, await visitor.loginRequest({ type: "m.login.password", identifier, password }));
  },

  resume: () => start(JSON.parse(localStorage.getItem("credentials")), localStorage.getItem("baseUrl")),
  save: () => client.store.save(true),
  logged: () => logged.splice(0),

  createRoom: async (options) => (await client.createRoom(options)).room_id,
  invite: (id, user) => client.invite(id, user),
  join: async (id) => (await client.joinRoom(id)).roomId,
  kick: (id, user) => client.kick(id, user, "enough"),
  say: async (id, body) => (await client.sendTextMessage(id, body)).event_id,
  // Resolves to "sent" or to the status of the failed local copy; the copy stays in the timeline as in an application.
  trySay: (id, body) => client.sendTextMessage(id, body).then(() => "sent", () => "failed"),
  sayAgain: async (id, body) => {
    const failed = room(id).getLiveTimeline().getEvents().find((e) => e.getContent().body === body && e.status === "not_sent")
      ?? room(id).getPendingEvents().find((e) => e.getContent().body === body);
    if (!failed) throw new Error("there is no unsent message to send again");
    return (await client.resendEvent(failed, room(id))).event_id;
  },
  redact: async (id, event) => (await client.redactEvent(id, event)).event_id,
  type: (id, typing) => client.sendTyping(id, typing, 20000),
  read: (id, event) => client.sendReadReceipt(room(id).findEventById(event)),
  rename: (id, name) => client.setRoomName(id, name),
  topic: (id, topic) => client.setRoomTopic(id, topic),
  power: (id, user, level) => client.setPowerLevel(id, user, level),
  scrollback: async (id, limit) => void (await client.scrollback(room(id), limit)),
  // The ids of the room's messages as the server lists them, oldest first.
  history: async (id) => {
    const page = await client.createMessagesRequest(id, null, 1000, "b");
    return page.chunk.filter((e) => e.type === "m.room.message").map((e) => e.event_id).reverse();
  },
  retry: () => client.retryImmediately(),
  logout: () => client.logout(true),

  messages: messagesOf,
  membership: (id) => client.getRoom(id)?.getMyMembership() ?? null,
  name: (id) => client.getRoom(id)?.name ?? null,
  topicOf: (id) => room(id).currentState.getStateEvents("m.room.topic", "")?.getContent().topic ?? null,
  powerOf: (id, user) => room(id).getMember(user)?.powerLevel ?? null,
  isTyping: (id, user) => room(id).getMember(user)?.typing ?? false,
  hasRead: (id, user, event) => room(id).hasUserReadEvent(user, event),
  unread: (id) => room(id).getUnreadNotificationCount("total"),
  isRedacted: (id, event) => room(id).findEventById(event)?.isRedacted() ?? false,
};
