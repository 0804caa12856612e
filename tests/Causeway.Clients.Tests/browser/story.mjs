// What the two people do, step by step.
import assert from "node:assert/strict";

const password = "correct horse battery";

// All see exactly the messages that were sent, none twice.
async function seeAll(room, sent, ...people) {
  const views = [];
  for (const person of people) {
    await person.untilMessages(room, sent.length);
    const seen = await person.call("messages", room);
    assert.equal(new Set(seen.map((m) => m.id)).size, seen.length, `${person.name} sees a message twice`);
    assert.deepEqual(seen.map((m) => m.body).sort(), [...sent].sort(), `${person.name} sees other messages than were sent`);
    views.push(seen.map((m) => m.id));
  }
  return views;
}

// ... and in the same order. Not for messages sent at the same time: there a page leaves its own where it put its local echo.
async function seeTheSame(room, sent, ...people) {
  const views = await seeAll(room, sent, ...people);
  for (const view of views) assert.deepEqual(view, views[0], "two people see different orders");
}

// They take turns: who speaks has seen what was said before.
async function talk(room, sent, topic, count, ...speakers) {
  for (let i = 1; i <= count; i++) {
    for (const speaker of speakers) {
      const body = `${topic} ${i} from ${speaker.name}`;
      await speaker.untilMessages(room, sent.length);
      await speaker.call("say", room, body);
      sent.push(body);
    }
  }
}

export async function story({ server, suffix, step, person }) {
  const alice = await person("alice");
  const bob = await person("bob");
  const rooms = {};
  const sent = { kitchen: [], garden: [], attic: [] };
  let aliceId, bobId;

  await step("two people register and sync", async () => {
    aliceId = await alice.call("register", server, `alice-${suffix}`, password);
    bobId = await bob.call("register", server, `bob-${suffix}`, password);
  });

  await step("one makes rooms of several kinds, the other is invited and joins", async () => {
    rooms.kitchen = await alice.call("createRoom", { name: "Kitchen", preset: "private_chat", invite: [bobId] });
    const garden = { name: "Garden", preset: "public_chat", room_alias_name: `garden-${suffix}` };
    rooms.garden = await alice.call("createRoom", garden);
    rooms.attic = await alice.call("createRoom", { name: "Attic", preset: "trusted_private_chat" });
    await alice.call("invite", rooms.attic, bobId);
    for (const room of [rooms.kitchen, rooms.attic]) {
      await bob.until("invite", "membership", room);
      await bob.call("join", room);
    }
    await bob.call("join", `#garden-${suffix}:${aliceId.slice(aliceId.indexOf(":") + 1)}`);
    for (const [name, room] of Object.entries(rooms)) {
      await bob.until("join", "membership", room);
      await bob.until(name[0].toUpperCase() + name.slice(1), "name", room);
    }
  });

  await step("they talk and see each other's messages once and in one order", async () => {
    for (const name of Object.keys(rooms)) await talk(rooms[name], sent[name], name, 5, alice, bob);
    for (const name of Object.keys(rooms)) await seeTheSame(rooms[name], sent[name], alice, bob);
    await Promise.all([alice, bob].map(async (one) => {
      for (let i = 1; i <= 10; i++) {
        await one.call("say", rooms.garden, `at once ${i} from ${one.name}`);
        sent.garden.push(`at once ${i} from ${one.name}`);
      }
    }));
    await seeAll(rooms.garden, sent.garden, alice, bob);
  });

  await step("typing is seen and ends", async () => {
    await alice.call("type", rooms.kitchen, true);
    await bob.until(true, "isTyping", rooms.kitchen, aliceId);
    await alice.call("type", rooms.kitchen, false);
    await bob.until(false, "isTyping", rooms.kitchen, aliceId);
  });

  await step("unread messages are counted until they are read, and the receipt is seen", async () => {
    const earlier = await alice.call("say", rooms.kitchen, "and this");
    sent.kitchen.push("and this");
    await bob.untilMessages(rooms.kitchen, sent.kitchen.length);
    await bob.call("read", rooms.kitchen, earlier);
    await bob.until(0, "unread", rooms.kitchen);
    const event = await alice.call("say", rooms.kitchen, "read this");
    sent.kitchen.push("read this");
    await bob.untilMessages(rooms.kitchen, sent.kitchen.length);
    await bob.until(1, "unread", rooms.kitchen);
    await bob.call("read", rooms.kitchen, event);
    await bob.until(0, "unread", rooms.kitchen);
    await alice.until(true, "hasRead", rooms.kitchen, bobId, event);
  });

  await step("name and power levels are edited; what is not allowed is refused", async () => {
    await assert.rejects(bob.call("topic", rooms.kitchen, "not yet"), /M_FORBIDDEN|\[403\]/);
    await alice.call("rename", rooms.kitchen, "Big kitchen");
    await bob.until("Big kitchen", "name", rooms.kitchen);
    await alice.call("power", rooms.kitchen, bobId, 50);
    await bob.until(50, "powerOf", rooms.kitchen, bobId);
    await bob.call("topic", rooms.kitchen, "Soup");
    await alice.until("Soup", "topicOf", rooms.kitchen);
  });

  await step("a redacted message is empty for both", async () => {
    const event = await alice.call("say", rooms.attic, "oops");
    sent.attic.push("oops");
    await bob.untilMessages(rooms.attic, sent.attic.length);
    await alice.call("redact", rooms.attic, event);
    for (const one of [alice, bob]) await one.until(true, "isRedacted", rooms.attic, event);
  });

  await step("after a reload the page goes on from its stored token", async () => {
    await bob.call("save");
    await bob.reload();
    await talk(rooms.kitchen, sent.kitchen, "while you were away", 3, alice);
    const before = bob.syncs.length;
    await bob.call("resume");
    await seeTheSame(rooms.kitchen, sent.kitchen, alice, bob);
    assert.ok(bob.syncs[before].searchParams.get("since"), "the first sync after the reload has no since");
  });

  await step("offline and back: nothing is lost, nothing comes twice", async () => {
    await bob.offline(true);
    await talk(rooms.garden, sent.garden, "in your absence", 5, alice);
    const outcome = await bob.call("trySay", rooms.garden, "from the tunnel");
    assert.equal(outcome, "failed");
    await bob.offline(false);
    await bob.call("retry");
    await bob.untilMessages(rooms.garden, sent.garden.length);
    await bob.call("sayAgain", rooms.garden, "from the tunnel");
    sent.garden.push("from the tunnel");
    await talk(rooms.garden, sent.garden, "together again", 2, alice, bob);
    await seeAll(rooms.garden, sent.garden, alice, bob);
  });

  await step("a gap longer than the timeline limit is filled by paging back", async () => {
    await bob.call("save");
    await bob.reload();
    await talk(rooms.kitchen, sent.kitchen, "long", 60, alice);
    await bob.call("resume");
    await bob.until("join", "membership", rooms.kitchen);
    for (let page = 0; page < 10 && (await bob.call("messages", rooms.kitchen)).length < sent.kitchen.length; page++) {
      await bob.call("scrollback", rooms.kitchen, 30);
    }
    await seeTheSame(rooms.kitchen, sent.kitchen, alice, bob);
  });

  await step("a second device sees the history too", async () => {
    const phone = await person("bob's phone");
    await phone.call("login", server, `bob-${suffix}`, password);
    await phone.until("join", "membership", rooms.garden);
    for (let page = 0; page < 10 && (await phone.call("messages", rooms.garden)).length < sent.garden.length; page++) {
      await phone.call("scrollback", rooms.garden, 30);
    }
    const [seen] = await seeAll(rooms.garden, sent.garden, phone);
    assert.deepEqual(seen, await alice.call("history", rooms.garden), "the timeline has another order than /messages");
    await phone.call("logout");
  });

  await step("who is kicked is out", async () => {
    await alice.call("kick", rooms.garden, bobId);
    await bob.until("leave", "membership", rooms.garden);
    await assert.rejects(bob.call("say", rooms.garden, "still here?"), /M_FORBIDDEN|\[403\]/);
  });
}
