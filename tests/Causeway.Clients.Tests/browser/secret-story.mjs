// Two people who encrypt: messages, emoji verification through to-device, a key backup restored in a third, fresh context.
import assert from "node:assert/strict";

const password = "correct horse battery";

// Waits for an answer that the page gives asynchronously.
async function eventually(wanted, ask, what) {
  let seen;
  for (const end = Date.now() + 30000; Date.now() < end; await new Promise((next) => setTimeout(next, 100))) {
    seen = await ask();
    if (wanted(seen)) return seen;
  }
  throw new Error(`waited for ${what}; it is ${JSON.stringify(seen)}`);
}

export async function story({ server, suffix, step, person }) {
  const alice = await person("alice");
  const bob = await person("bob");
  const sent = [];
  let aliceId, bobId, room, recoveryKey;

  async function say(speaker, text, ...readers) {
    await speaker.call("say", room, text);
    sent.push(text);
    for (const reader of readers) await reader.until(sent, "texts", room);
  }

  await step("two people register, publish keys and sign them", async () => {
    aliceId = await alice.call("register", server, `alice-${suffix}`, password);
    bobId = await bob.call("register", server, `bob-${suffix}`, password);
    assert.equal(await alice.call("crossSign"), true);
    assert.equal(await bob.call("crossSign"), true);
  });

  await step("a message in an encrypted room is read on the other side", async () => {
    room = await alice.call("createSecretRoom", [bobId]);
    await bob.until("invite", "membership", room);
    await bob.call("join", room);
    await alice.until(2, "memberCount", room);
    await say(alice, "a secret", alice, bob);
    await say(bob, "another", alice, bob);
  });

  await step("they verify each other by emoji", async () => {
    await alice.call("requestVerification", bobId, await bob.call("deviceId"));
    await bob.until(true, "hasRequest");
    const accepting = bob.call("accept");
    await alice.until(true, "isReady");
    await alice.call("startSas");
    await accepting;
    const shown = await eventually((e) => e, () => alice.call("emoji"), "alice's emoji");
    await bob.until(shown, "emoji");
    assert.equal(shown.split(" ").length, 7);
    assert.deepEqual(await Promise.all([alice.call("confirm"), bob.call("confirm")]), ["done", "done"]);
    await eventually((v) => v, () => alice.call("isVerified", bobId), "alice to trust bob");
    await eventually((v) => v, () => bob.call("isVerified", aliceId), "bob to trust alice");
  });

  await step("who was offline reads what was said meanwhile", async () => {
    await bob.offline(true);
    for (let i = 1; i <= 5; i++) await say(alice, `in your absence ${i}`, alice);
    await bob.offline(false);
    await bob.until(sent, "texts", room);
  });

  await step("bob keeps a backup of his keys on the server", async () => {
    recoveryKey = await bob.call("makeBackup");
    await eventually((count) => count >= 2, () => bob.call("backedUp"), "two backed up sessions");
  });

  await step("a fresh device cannot read the past, restores the backup and can", async () => {
    const tablet = await person("bob's tablet");
    await tablet.call("login", server, `bob-${suffix}`, password);
    await tablet.until("join", "membership", room);
    const before = await eventually((t) => t.length >= sent.length, () => tablet.call("texts", room), "the encrypted history");
    assert.ok(before.every((t) => t === null || t.startsWith("unable to decrypt")), JSON.stringify(before));
    const { imported, total } = await tablet.call("restore", recoveryKey);
    assert.ok(imported >= 2 && imported === total, `${imported} of ${total} keys`);
    await tablet.until(sent, "texts", room);
  });

  await step("five hundred messages to a device that was offline arrive in order and once", async () => {
    await bob.call("listen");
    await bob.offline(true);
    await talkTo(server, await alice.call("token"), bobId, await bob.call("deviceId"), 500);
    await bob.offline(false);
    await bob.until(Array.from({ length: 500 }, (_, n) => n), "received");
  });
}

async function talkTo(server, token, user, device, count) {
  for (let i = 0; i < count; i++) {
    const answer = await fetch(`${server}/_matrix/client/v3/sendToDevice/org.causeway.test/offline-${i}`, {
      method: "PUT",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ messages: { [user]: { [device]: { n: i } } } }),
    });
    assert.equal(answer.status, 200);
  }
}
