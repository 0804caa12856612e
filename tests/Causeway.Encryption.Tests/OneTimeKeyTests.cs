using Causeway.TestKit;

namespace Causeway.Encryption.Tests;

public sealed class OneTimeKeyTests
{
    [DatabaseTheory]
    public async Task Two_hundred_claims_at_once_get_each_of_fifty_keys_once_and_then_the_fallback_key(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var uploaded = (await bob.UploadAsync(new()
        {
            ["one_time_keys"] = bob.OneTimeKeys(0, 50),
            ["fallback_keys"] = bob.OneTimeKeys(90000, 1, fallback: true),
        })).Ok();
        Assert.Equal(50, uploaded["one_time_key_counts"].GetProperty("signed_curve25519").GetInt32());
        var before = await bob.SyncAsync();
        Assert.Equal(50, before.KeyCount());
        Assert.Equal(["signed_curve25519"], before.UnusedFallback());

        var claimed = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => alice.ClaimOneAsync(bob)));

        var oneTime = claimed.Where(k => k != "signed_curve25519:K90000").ToList();
        Assert.Equal(50, oneTime.Count);
        Assert.Equal(50, oneTime.Distinct().Count());
        Assert.Equal(150, claimed.Count(k => k == "signed_curve25519:K90000"));
        var after = await bob.SyncAsync(before.NextBatch);
        Assert.Equal(0, after.KeyCount());
        Assert.Empty(after.UnusedFallback());
    }

    [DatabaseTheory]
    public async Task Keys_are_handed_out_in_the_order_of_their_uploads(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        foreach (var number in new[] { 7, 3, 5 })
        {
            (await bob.UploadAsync(new() { ["one_time_keys"] = bob.OneTimeKeys(number, 1) })).Ok();
            await alice.SendAsync(bob.User, bob.Id, new { n = number });
        }

        Assert.Equal("signed_curve25519:K00007", await alice.ClaimOneAsync(bob));
        Assert.Equal("signed_curve25519:K00003", await alice.ClaimOneAsync(bob));
        Assert.Equal("signed_curve25519:K00005", await alice.ClaimOneAsync(bob));
        Assert.Null(await alice.ClaimOneAsync(bob));
    }

    [DatabaseTheory]
    public async Task The_same_key_again_is_fine_and_another_under_its_id_is_refused(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var bob = await server.RegisterAsync("bob");
        (await bob.UploadAsync(new() { ["one_time_keys"] = bob.OneTimeKeys(1, 2) })).Ok();
        var other = bob.OneTimeKeys(1, 3);
        other["signed_curve25519:K00001"] = other["signed_curve25519:K00003"]!.DeepClone();

        var again = (await bob.UploadAsync(new() { ["one_time_keys"] = bob.OneTimeKeys(1, 2) })).Ok();
        (await bob.UploadAsync(new() { ["one_time_keys"] = other })).Refused(400, "M_INVALID_PARAM");

        Assert.Equal(2, again["one_time_key_counts"].GetProperty("signed_curve25519").GetInt32());
        Assert.Equal(2, (await bob.SyncAsync()).KeyCount());
    }

    [DatabaseTheory]
    public async Task A_key_that_was_handed_out_does_not_come_back_when_its_upload_is_repeated(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        (await bob.UploadAsync(new() { ["one_time_keys"] = bob.OneTimeKeys(1, 1) })).Ok();
        Assert.NotNull(await alice.ClaimOneAsync(bob));

        var answer = (await bob.UploadAsync(new() { ["one_time_keys"] = bob.OneTimeKeys(1, 1) })).Ok();

        Assert.Equal(0, answer["one_time_key_counts"].GetProperty("signed_curve25519").GetInt32());
        Assert.Null(await alice.ClaimOneAsync(bob));
    }

    [DatabaseTheory]
    public async Task A_new_fallback_key_counts_as_unused_and_the_same_again_stays_used(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var first = bob.OneTimeKeys(1, 1, fallback: true);
        (await bob.UploadAsync(new() { ["fallback_keys"] = first })).Ok();
        Assert.Equal("signed_curve25519:K00001", await alice.ClaimOneAsync(bob));

        (await bob.UploadAsync(new() { ["fallback_keys"] = first.DeepClone() })).Ok();
        Assert.Empty((await bob.SyncAsync()).UnusedFallback());
        (await bob.UploadAsync(new() { ["fallback_keys"] = bob.OneTimeKeys(2, 1, fallback: true) })).Ok();

        Assert.Equal(["signed_curve25519"], (await bob.SyncAsync()).UnusedFallback());
        Assert.Equal("signed_curve25519:K00002", await alice.ClaimOneAsync(bob));
    }

    [DatabaseTheory]
    public async Task Keys_for_a_thousand_devices_are_claimed_in_one_request(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        var log = server.Get<Streams.LogWriter>();
        await log.AppendAsync(new Seed(1000));
        var body = new
        {
            one_time_keys = new Dictionary<string, object>
            {
                ["@crowd:localhost"] = Enumerable.Range(0, 1000).ToDictionary(i => $"D{i}", _ => "signed_curve25519"),
            },
        };
        (await alice.RequestAsync("POST", "keys/claim", body)).Ok();

        var start = TimeProvider.System.GetTimestamp();
        var answer = (await alice.RequestAsync("POST", "keys/claim", body)).Ok();
        var took = TimeProvider.System.GetElapsedTime(start);

        Assert.Equal(1000, answer["one_time_keys"].GetProperty("@crowd:localhost").EnumerateObject().Count());
        Console.WriteLine($"1,000 keys claimed in {took.TotalMilliseconds:0} ms ({database})");
        Assert.True(took < TimeSpan.FromSeconds(2), $"It took {took}.");
    }

    private sealed class Seed(int devices) : Streams.LogUnit
    {
        public override int EntryCount => 0;

        public override void Write(Storage.WriteBatch batch, long first)
        {
            for (var i = 0; i < devices * 2; i++)
            {
                batch.Execute(
                    "INSERT INTO one_time_keys (user_id, device_id, algorithm, key_id, json, position) VALUES ('@crowd:localhost', $1, 'signed_curve25519', $2, $3, 1) "
                    + "ON CONFLICT (user_id, device_id, algorithm, key_id) DO NOTHING",
                    $"D{i / 2}", $"K{i}", "{\"key\":\"x\"}"u8.ToArray());
            }
        }

        public override void AddEntries(List<Streams.LogEntry> entries, long first) { }
    }
}
