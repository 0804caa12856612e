using Causeway.Conformance.Tests.Baseline;

namespace Causeway.Conformance.Tests.Backup;

/// <summary>Client-server API, "Server-side key backups".</summary>
public sealed class BackupTests : BehaviourTests
{
    private static readonly object Version = new { algorithm = "m.megolm_backup.v1.curve25519-aes-sha2", auth_data = new { public_key = "abc" } };

    [Behaviour]
    public async Task A_new_version_is_the_current_one()
    {
        var (first, second) = (await CreateAsync(), await CreateAsync());
        Assert.NotEqual(first, second);
        Assert.Equal(second, (await Alice.GetAsync("v3/room_keys/version")).Ok().Text("version"));
    }

    [Behaviour]
    public async Task A_deleted_version_is_gone_with_its_keys()
    {
        var version = await CreateAsync();
        await PutAsync(version, Key());
        (await Alice.DeleteAsync($"v3/room_keys/version/{version}")).Ok();
        (await Alice.GetAsync($"v3/room_keys/version/{version}")).Refused(404, "M_NOT_FOUND");
        (await Alice.GetAsync($"v3/room_keys/keys?version={version}")).Refused(404, "M_NOT_FOUND");
    }

    [Behaviour]
    public async Task A_session_is_given_back_as_it_was_stored()
    {
        var version = await CreateAsync();
        await PutAsync(version, Key());
        Assert.Equal("c", (await Alice.GetAsync($"v3/room_keys/keys/!r:localhost/s?version={version}")).Ok()["session_data"].GetProperty("ciphertext").GetString());
    }

    [Behaviour]
    public async Task A_worse_key_does_not_replace_a_better_one()
    {
        var version = await CreateAsync();
        await PutAsync(version, Key(index: 1));
        await PutAsync(version, Key(index: 5));
        Assert.Equal(1, (await Alice.GetAsync($"v3/room_keys/keys/!r:localhost/s?version={version}")).Ok()["first_message_index"].GetInt32());
        await PutAsync(version, Key(index: 5, verified: true));
        Assert.Equal(5, (await Alice.GetAsync($"v3/room_keys/keys/!r:localhost/s?version={version}")).Ok()["first_message_index"].GetInt32());
    }

    [Behaviour]
    public async Task The_etag_changes_with_the_keys()
    {
        var version = await CreateAsync();
        var before = (await Alice.GetAsync("v3/room_keys/version")).Ok();
        await PutAsync(version, Key());
        var after = (await Alice.GetAsync("v3/room_keys/version")).Ok();
        Assert.NotEqual(before.Text("etag"), after.Text("etag"));
        Assert.Equal((0, 1), (before["count"].GetInt32(), after["count"].GetInt32()));
    }

    [Behaviour]
    public async Task The_auth_data_of_a_version_can_be_changed()
    {
        var version = await CreateAsync();
        (await Alice.PutAsync($"v3/room_keys/version/{version}", new { algorithm = "m.megolm_backup.v1.curve25519-aes-sha2", auth_data = new { public_key = "def" }, version })).Ok();
        Assert.Equal("def", (await Alice.GetAsync($"v3/room_keys/version/{version}")).Ok()["auth_data"].GetProperty("public_key").GetString());
    }

    [Behaviour]
    public async Task A_version_in_the_body_that_is_not_that_of_the_path_is_refused()
    {
        var version = await CreateAsync();
        (await Alice.PutAsync($"v3/room_keys/version/{version}", new { algorithm = "m.megolm_backup.v1.curve25519-aes-sha2", auth_data = new { public_key = "def" }, version = "other" })).Refused(400, "M_INVALID_PARAM");
    }

    private async Task<string> CreateAsync() => (await Alice.PostAsync("v3/room_keys/version", Version)).Ok().Text("version");

    private async Task PutAsync(string version, object key) => (await Alice.PutAsync($"v3/room_keys/keys/!r:localhost/s?version={version}", key)).Ok();

    private static object Key(int index = 1, bool verified = false) =>
        new { first_message_index = index, forwarded_count = 0, is_verified = verified, session_data = new { ephemeral = "e", ciphertext = "c", mac = "m" } };
}
