#!/usr/bin/env python3
"""An echo bot on python3-matrix-nio: joins rooms it is invited to and repeats what is said there.

By hand: python3 echo_bot.py --server http://127.0.0.1:8008 --name echo --password secret --minutes 1
Registers the account, or logs in when it exists. Each thing it does is one line of JSON on standard output.
"""

import argparse
import asyncio
import json
import sys

from nio import (
    AsyncClient,
    AsyncClientConfig,
    InviteMemberEvent,
    JoinResponse,
    LoginResponse,
    LogoutResponse,
    RegisterResponse,
    RoomMessageText,
    RoomSendResponse,
    SyncError,
    SyncResponse,
)

PREFIX = "echo: "


def tell(what, **details):
    print(json.dumps({"what": what, **details}), flush=True)


class EchoBot:
    def __init__(self, server, name, password):
        config = AsyncClientConfig(encryption_enabled=False, max_limit_exceeded=0, max_timeouts=3)
        self.client = AsyncClient(server, name, config=config)
        self.name = name
        self.password = password
        self.stopped = asyncio.Event()

    async def enter(self):
        answer = await self.client.register(self.name, self.password, device_name="echo bot")
        how = "registered"
        if not isinstance(answer, RegisterResponse):
            tell("not registered", answer=str(answer))
            answer = await self.client.login(self.password, device_name="echo bot")
            how = "logged in"
            if not isinstance(answer, LoginResponse):
                tell("error", answer=str(answer))
                return False
        tell(how, user=answer.user_id, device=answer.device_id)
        return True

    async def on_invite(self, room, event):
        if event.membership != "invite" or event.state_key != self.client.user_id:
            return
        answer = await self.client.join(room.room_id)
        tell("joined" if isinstance(answer, JoinResponse) else "error", room=room.room_id, answer=str(answer))

    async def on_message(self, room, event):
        if event.sender == self.client.user_id:
            return
        if event.body == "please stop":
            self.stopped.set()
            return
        content = {"msgtype": "m.text", "body": PREFIX + event.body}
        answer = await self.client.room_send(room.room_id, "m.room.message", content)
        sent = isinstance(answer, RoomSendResponse)
        tell("echoed" if sent else "error", room=room.room_id, name=room.display_name, body=event.body, answer=str(answer))

    async def on_sync(self, answer):
        if isinstance(answer, SyncError):
            tell("error", answer=str(answer))
            self.stopped.set()

    async def run(self, seconds):
        if not await self.enter():
            return False
        self.client.add_event_callback(self.on_invite, InviteMemberEvent)
        self.client.add_response_callback(self.on_sync, (SyncResponse, SyncError))
        # What was said before the bot came is not echoed again.
        if isinstance(await self.client.sync(full_state=True), SyncError):
            return False
        self.client.add_event_callback(self.on_message, RoomMessageText)
        tell("ready")
        sync = asyncio.create_task(self.client.sync_forever(timeout=10000))
        stop = asyncio.create_task(self.stopped.wait())
        done, _ = await asyncio.wait({sync, stop}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if sync in done:
            tell("error", answer=repr(sync.exception()))
        sync.cancel()
        await asyncio.gather(sync, return_exceptions=True)
        answer = await self.client.logout()
        tell("logged out" if isinstance(answer, LogoutResponse) else "error", answer=str(answer))
        return stop in done


async def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", default="http://127.0.0.1:8008")
    parser.add_argument("--name", default="echo")
    parser.add_argument("--password", default="correct horse battery")
    parser.add_argument("--minutes", type=float, default=10)
    wish = parser.parse_args()
    bot = EchoBot(wish.server, wish.name, wish.password)
    try:
        return await bot.run(wish.minutes * 60)
    finally:
        await bot.client.close()


if __name__ == "__main__":
    sys.exit(0 if asyncio.run(main()) else 1)
