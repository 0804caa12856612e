using System.Text.Json;
using System.Text.Json.Nodes;
using Causeway.TestKit;

namespace Causeway.Encryption.Tests;

public sealed class CrossSigningTests
{
    [DatabaseTheory]
    public async Task The_first_upload_and_the_same_again_need_no_proof_but_new_keys_do(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var first = new CrossSigner(alice);
        (await alice.RequestAsync("POST", "keys/device_signing/upload", first.Upload())).Ok();
        (await alice.RequestAsync("POST", "keys/device_signing/upload", first.Upload())).Ok();

        var second = new CrossSigner(alice);
        var asked = await alice.RequestAsync("POST", "keys/device_signing/upload", second.Upload());
        Assert.Equal(401, asked.Status);
        Assert.Equal(first.Master.Public, await MasterAsync(bob, alice.User));
        (await alice.RequestAsync("POST", "keys/device_signing/upload", WithPassword(second.Upload(), asked, alice, "wrong"))).Refused(401, "M_FORBIDDEN");
        (await alice.RequestAsync("POST", "keys/device_signing/upload", WithPassword(second.Upload(), asked, alice, MatrixClient.Password))).Ok();

        Assert.Equal(second.Master.Public, await MasterAsync(bob, alice.User));
        var own = (await alice.QueryAsync(alice.User)).Ok();
        Assert.True(own["user_signing_keys"].TryGetProperty(alice.User, out _));
        var seen = (await bob.QueryAsync(alice.User)).Ok();
        Assert.True(seen["self_signing_keys"].GetProperty(alice.User).GetProperty("signatures").GetProperty(alice.User).TryGetProperty($"ed25519:{second.Master.Public}", out _));
        Assert.Null(seen.Find("user_signing_keys"));
    }

    [DatabaseTheory]
    public async Task Keys_that_the_master_key_did_not_sign_are_refused_and_nothing_is_stored(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        var (mine, forger) = (new CrossSigner(alice), new CrossSigner(alice));
        var mixed = mine.Upload();
        mixed["self_signing_key"] = forger.Upload()["self_signing_key"]!.DeepClone();

        (await alice.RequestAsync("POST", "keys/device_signing/upload", mixed)).Refused(400, "M_INVALID_SIGNATURE");
        var alone = mine.Upload();
        alone.Remove("master_key");
        (await alice.RequestAsync("POST", "keys/device_signing/upload", alone)).Refused(400, "M_MISSING_PARAM");
        var strange = mine.Upload();
        strange["master_key"]!["user_id"] = "@mallory:localhost";
        (await alice.RequestAsync("POST", "keys/device_signing/upload", strange)).Refused(400, "M_INVALID_PARAM");

        Assert.Null((await alice.QueryAsync(alice.User)).Ok().Find("master_keys"));
    }

    [DatabaseTheory]
    public async Task Own_devices_and_others_master_keys_are_signed_and_shown_to_those_who_may_see_it(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob, carol) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"), await server.RegisterAsync("carol"));
        var (ofAlice, ofBob) = (new CrossSigner(alice), new CrossSigner(bob));
        (await alice.RequestAsync("POST", "keys/device_signing/upload", ofAlice.Upload())).Ok();
        (await bob.RequestAsync("POST", "keys/device_signing/upload", ofBob.Upload())).Ok();
        var room = await alice.Client.CreateRoomAsync(new { preset = "public_chat" });
        await bob.Client.JoinAsync(room);
        await carol.Client.JoinAsync(room);
        var (a, c) = ((await alice.SyncAsync()).NextBatch, (await carol.SyncAsync()).NextBatch);

        var answer = (await alice.RequestAsync("POST", "keys/signatures/upload", new JsonObject
        {
            [alice.User] = new JsonObject
            {
                [alice.Id] = ofAlice.SelfSigning.Sign(alice.DeviceKeys()),
                [ofAlice.Master.Public] = alice.Sign(ofAlice.MasterJson()),
            },
            [bob.User] = new JsonObject { [ofBob.Master.Public] = ofAlice.UserSigning.Sign(ofBob.MasterJson()) },
        })).Ok();

        Assert.Empty(answer["failures"].EnumerateObject());
        var device = (await carol.QueryAsync(alice.User)).Ok()["device_keys"].GetProperty(alice.User).GetProperty(alice.Id);
        Assert.Equal(2, device.GetProperty("signatures").GetProperty(alice.User).EnumerateObject().Count());
        Assert.True(SignaturesOn(await alice.QueryAsync(bob.User), bob.User).TryGetProperty(alice.User, out _));
        Assert.False(SignaturesOn(await carol.QueryAsync(bob.User), bob.User).TryGetProperty(alice.User, out _));
        Assert.False(SignaturesOn(await bob.QueryAsync(bob.User), bob.User).TryGetProperty(alice.User, out _));
        Assert.Equal(new[] { alice.User, bob.User }.Order(), (await alice.SyncAsync(a)).Changed().Order());
        Assert.Equal([alice.User], (await carol.SyncAsync(c)).Changed());
    }

    [DatabaseTheory]
    public async Task Forged_signatures_fail_one_by_one_and_are_never_stored(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob, mallory) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"), await server.RegisterAsync("mallory"));
        var (ofAlice, ofBob, ofMallory) = (new CrossSigner(alice), new CrossSigner(bob), new CrossSigner(mallory));
        (await alice.RequestAsync("POST", "keys/device_signing/upload", ofAlice.Upload())).Ok();
        (await bob.RequestAsync("POST", "keys/device_signing/upload", ofBob.Upload())).Ok();
        (await mallory.RequestAsync("POST", "keys/device_signing/upload", ofMallory.Upload())).Ok();
        var changed = alice.DeviceKeys();
        changed["algorithms"] = new JsonArray("m.other");
        var forged = alice.DeviceKeys();
        forged["signatures"] = new JsonObject { [alice.User] = new JsonObject { [$"ed25519:{ofAlice.SelfSigning.Public}"] = new string('A', 86) } };

        var answer = (await alice.RequestAsync("POST", "keys/signatures/upload", new JsonObject
        {
            [alice.User] = new JsonObject { [alice.Id] = forged, ["NOSUCH"] = new JsonObject(), [ofAlice.Master.Public] = alice.Sign(ofAlice.MasterJson()) },
            [bob.User] = new JsonObject
            {
                [ofBob.Master.Public] = ofMallory.UserSigning.Sign(ofBob.MasterJson(), alice.User),
                [bob.Id] = ofAlice.UserSigning.Sign(bob.DeviceKeys()),
            },
        })).Ok();

        var failures = answer["failures"];
        Assert.Equal("M_INVALID_SIGNATURE", failures.GetProperty(alice.User).GetProperty(alice.Id).GetProperty("errcode").GetString());
        Assert.Equal("M_NOT_FOUND", failures.GetProperty(alice.User).GetProperty("NOSUCH").GetProperty("errcode").GetString());
        Assert.False(failures.GetProperty(alice.User).TryGetProperty(ofAlice.Master.Public, out _));
        Assert.Equal("M_INVALID_SIGNATURE", failures.GetProperty(bob.User).GetProperty(ofBob.Master.Public).GetProperty("errcode").GetString());
        Assert.Equal("M_NOT_FOUND", failures.GetProperty(bob.User).GetProperty(bob.Id).GetProperty("errcode").GetString());
        var other = (await alice.RequestAsync("POST", "keys/signatures/upload", new JsonObject
        {
            [alice.User] = new JsonObject { [alice.Id] = ofAlice.SelfSigning.Sign(changed) },
        })).Ok();
        Assert.True(other["failures"].TryGetProperty(alice.User, out _));
        var device = (await alice.QueryAsync(alice.User)).Ok()["device_keys"].GetProperty(alice.User).GetProperty(alice.Id);
        Assert.Single(device.GetProperty("signatures").GetProperty(alice.User).EnumerateObject());
        Assert.False(SignaturesOn(await alice.QueryAsync(bob.User), bob.User).TryGetProperty(alice.User, out _));
    }

    private static JsonElement SignaturesOn(MatrixAnswer answer, string user) =>
        answer.Ok()["master_keys"].GetProperty(user).GetProperty("signatures");

    private static async Task<string> MasterAsync(TestDevice viewer, string user) =>
        (await viewer.QueryAsync(user)).Ok()["master_keys"].GetProperty(user).GetProperty("keys").EnumerateObject().Single().Value.GetString()!;

    private static JsonObject WithPassword(JsonObject body, MatrixAnswer asked, TestDevice device, string password)
    {
        body["auth"] = new JsonObject
        {
            ["type"] = "m.login.password",
            ["session"] = asked.Text("session"),
            ["identifier"] = new JsonObject { ["type"] = "m.id.user", ["user"] = device.User },
            ["password"] = password,
        };
        return body;
    }
}
