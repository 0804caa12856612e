// What one person's page can do that encrypts: matrix-js-sdk with its Rust crypto. Runs in the browser; secret-story.mjs
// calls it through window.person.
import * as sdk from "matrix-js-sdk";
import { CryptoEvent, VerificationPhase, VerificationRequestEvent, VerifierEvent, decodeRecoveryKey } from "matrix-js-sdk/lib/crypto-api";

let client;
let secretKey;
let request;
let emoji = null;
let sas;
const received = [];
const logged = [];
const echo = (level) => (...parts) => logged.push(`${level}: ${parts.map(String).join(" ")}`.slice(0, 400));
const logger = { trace() {}, debug() {}, info() {}, log() {}, warn: echo("warn"), error: echo("error"), getChild: () => logger };
const crypto = () => client.getCrypto();

async function start(baseUrl, credentials) {
  client = sdk.createClient({
    baseUrl,
    userId: credentials.user_id,
    deviceId: credentials.device_id,
    accessToken: credentials.access_token,
    logger,
    cryptoCallbacks: {
      getSecretStorageKey: async ({ keys }) => [Object.keys(keys)[0], secretKey],
    },
  });
  client.on(CryptoEvent.VerificationRequestReceived, (received) => (request = received));
  await client.initRustCrypto({ useIndexedDB: false });
  const ready = new Promise((resolve) => client.on(sdk.ClientEvent.Sync, (state) => state === "SYNCING" && resolve()));
  await client.startClient({ initialSyncLimit: 50 });
  await ready;
  return client.getUserId();
}

// Both sides follow the request as it goes on and run the verifier once there is one.
async function runVerifier() {
  const verifier = await new Promise((resolve) => {
    const look = () => request.verifier && resolve(request.verifier);
    request.on(VerificationRequestEvent.Change, look);
    look();
  });
  verifier.on(VerifierEvent.ShowSas, (shown) => {
    sas = shown;
    emoji = shown.sas.emoji.map(([sign]) => sign).join(" ");
  });
  window.verified = verifier.verify().then(() => "done", (error) => String(error));
}

window.person = {
  async register(baseUrl, username, password) {
    const visitor = sdk.createClient({ baseUrl, logger });
    const wish = { username, password, initial_device_display_name: "Browser" };
    const credentials = await visitor.registerRequest(wish).catch((refusal) => {
      if (refusal.httpStatus !== 401) throw refusal;
      return visitor.registerRequest({ ...wish, auth: { type: "m.login.dummy", session: refusal.data.session } });
    });
    return start(baseUrl, credentials);
  },

  async login(baseUrl, username, password) {
    const visitor = sdk.createClient({ baseUrl, logger });
    const identifier = { type: "m.id.user", user: username };
    return start(baseUrl, await visitor.loginRequest({ type: "m.login.password", identifier, password }));
  },

  logged: () => logged.splice(0),
  token: () => client.getAccessToken(),
  // The numbers of the test's own messages to this device, in the order in which they came.
  listen: () => void client.on(sdk.ClientEvent.ReceivedToDeviceMessage, ({ message }) => {
    if (message.type === "org.causeway.test") received.push(message.content.n);
  }),
  received: () => received,
  deviceId: () => client.getDeviceId(),
  createSecretRoom: async (invite) => (await client.createRoom({
    preset: "private_chat",
    invite,
    initial_state: [{ type: "m.room.encryption", state_key: "", content: { algorithm: "m.megolm.v1.aes-sha2" } }],
  })).room_id,
  join: async (id) => (await client.joinRoom(id)).roomId,
  membership: (id) => client.getRoom(id)?.getMyMembership() ?? null,
  memberCount: (id) => client.getRoom(id)?.getJoinedMemberCount() ?? 0,
  say: async (id, body) => (await client.sendTextMessage(id, body)).event_id,
  // What the timeline shows: the decrypted text, or why there is none.
  texts: (id) => (client.getRoom(id)?.getLiveTimeline().getEvents() ?? [])
    .filter((e) => e.getWireType() === "m.room.encrypted")
    .map((e) => (e.isDecryptionFailure() ? `unable to decrypt: ${e.decryptionFailureReason}` : e.getContent().body ?? null)),

  async crossSign() {
    await crypto().bootstrapCrossSigning({
      authUploadDeviceSigningKeys: (upload) => upload(null),
    });
    return crypto().isCrossSigningReady();
  },
  async requestVerification(user, device) {
    await crypto().getUserDeviceInfo([user], true);
    request = await crypto().requestDeviceVerification(user, device);
  },
  hasRequest: () => request !== undefined,
  accept: () => request.accept().then(runVerifier),
  isReady: () => request.phase === VerificationPhase.Ready,
  startSas: async () => {
    await request.startVerification("m.sas.v1");
    await runVerifier();
  },
  follow: runVerifier,
  emoji: () => emoji,
  confirm: async () => {
    await sas.confirm();
    return window.verified;
  },
  isVerified: async (user) => (await crypto().getUserVerificationStatus(user)).isCrossSigningVerified(),

  async makeBackup() {
    const key = await crypto().createRecoveryKeyFromPassphrase();
    secretKey = key.privateKey;
    await crypto().bootstrapSecretStorage({ createSecretStorageKey: async () => key, setupNewSecretStorage: true, setupNewKeyBackup: true });
    return key.encodedPrivateKey;
  },
  // Asked of the server: the library remembers what it saw first.
  backedUp: async () => (await client.http.authedRequest("GET", "/room_keys/version", undefined, undefined, { prefix: "/_matrix/client/v3" })).count,
  async restore(recoveryKey) {
    secretKey = decodeRecoveryKey(recoveryKey);
    await crypto().loadSessionBackupPrivateKeyFromSecretStorage();
    await crypto().checkKeyBackupAndEnable();
    const { imported, total } = await crypto().restoreKeyBackup();
    return { imported, total };
  },
};
