using System.Security.Cryptography;
using Causeway.Accounts;
using Causeway.TestKit;

namespace Causeway.Media.Tests;

public sealed class DeletionTests
{
    private const string Admin = "/_synapse/admin/v1/media/";

    [DatabaseTheory]
    public async Task Bytes_and_thumbnails_go_with_the_last_media_that_uses_them(string database)
    {
        await using var server = await TestServer.StartAsync(database);
        var (alice, bob, admin) = (await server.RegisterAsync(), await server.RegisterAsync(), await server.AdministratorAsync());
        var picture = Pictures.Png(300, 300);
        var (one, two) = (await alice.UploadAsync(picture, "image/png"), await bob.UploadAsync(picture, "image/png"));
        var other = await bob.UploadAsync(RandomNumberGenerator.GetBytes(10));
        (await alice.ThumbnailAsync(one, 96, 96, "crop")).Ok();
        var thumbnails = Thumbnails.Thumbnailer.FindProgram() is null ? 0 : 1;
        Assert.Equal(2 + thumbnails, server.Stored().Count);

        var answer = (await admin.SendAsync("DELETE", Admin + one)).Ok().Json;
        Assert.Equal((1, one), (answer.GetProperty("total").GetInt32(), "localhost/" + answer.GetProperty("deleted_media")[0].GetString()));
        (await alice.DownloadAsync(one)).Refused(404, "M_NOT_FOUND");
        (await alice.ThumbnailAsync(one, 96, 96, "crop")).Refused(404, "M_NOT_FOUND");
        Assert.Equal(picture, (await alice.DownloadAsync(two)).Ok().Body);
        Assert.Equal(2 + thumbnails, server.Stored().Count);

        (await admin.SendAsync("DELETE", Admin + two)).Ok();
        Assert.Single(server.Stored());
        (await alice.DownloadAsync(two)).Refused(404, "M_NOT_FOUND");
        (await admin.SendAsync("DELETE", Admin + two)).Refused(404, "M_NOT_FOUND");
        (await alice.DownloadAsync(other)).Ok();
        Assert.Equal(picture, (await alice.DownloadAsync(await alice.UploadAsync(picture, "image/png"))).Ok().Body);
    }

    [DatabaseTheory]
    public async Task Only_an_administrator_of_the_organisation_deletes(string database)
    {
        await using var server = await TestServer.StartAsync(database);
        var (alice, admin) = (await server.RegisterAsync(), await server.AdministratorAsync());
        await server.Get<OrganisationStore>().AddAsync("other.example", "other");
        var media = await alice.UploadAsync([1, 2, 3]);

        (await alice.SendAsync("DELETE", Admin + media)).Refused(403, "M_FORBIDDEN");
        (await alice.SendAsync("POST", Admin + "quarantine/" + media)).Refused(403, "M_FORBIDDEN");
        (await admin.SendAsync("DELETE", Admin + "other.example/" + media.Split('/')[1])).Refused(404, "M_NOT_FOUND");
        (await admin.SendAsync("DELETE", Admin + "matrix.example/x")).Refused(404, "M_NOT_FOUND");

        (await alice.DownloadAsync(media)).Ok();
    }

    [DatabaseTheory]
    public async Task A_file_in_quarantine_is_neither_served_nor_taken_in_again(string database)
    {
        await using var server = await TestServer.StartAsync(database);
        var (alice, admin) = (await server.RegisterAsync(), await server.AdministratorAsync());
        var picture = Pictures.Png(300, 300);
        var (one, two) = (await alice.UploadAsync(picture, "image/png"), await alice.UploadAsync(picture, "image/png"));
        (await alice.ThumbnailAsync(two, 96, 96)).Ok();

        (await admin.SendAsync("POST", Admin + "quarantine/" + one)).Ok();

        foreach (var media in new[] { one, two })
        {
            (await alice.DownloadAsync(media)).Refused(404, "M_NOT_FOUND");
            (await alice.ThumbnailAsync(media, 96, 96)).Refused(404, "M_NOT_FOUND");
        }

        (await alice.TryUploadAsync(picture, "image/png")).Refused(403, "M_FORBIDDEN");
        (await admin.SendAsync("DELETE", Admin + one)).Ok();
        (await admin.SendAsync("DELETE", Admin + two)).Ok();
        Assert.Empty(server.Stored());
        (await alice.TryUploadAsync(picture, "image/png")).Refused(403, "M_FORBIDDEN");
        Assert.Empty(server.Stored());
    }

    [DatabaseTheory]
    public async Task Uploads_and_deletions_of_the_same_bytes_at_the_same_time_lose_none(string database)
    {
        await using var server = await TestServer.StartAsync(database);
        var (alice, admin) = (await server.RegisterAsync(), await server.AdministratorAsync());
        byte[] bytes = [1, 2, 3, 4];

        await Task.WhenAll(Enumerable.Range(0, 6).Select(async _ =>
        {
            for (var i = 0; i < 10; i++)
            {
                var media = await alice.UploadAsync(bytes);
                Assert.Equal(bytes, (await alice.DownloadAsync(media)).Ok().Body);
                (await admin.SendAsync("DELETE", Admin + media)).Ok();
            }
        }));

        Assert.Empty(server.Stored());
        Assert.Empty(await server.Library.Catalogue.ListGarbageAsync());
    }

    [DatabaseTheory]
    public async Task What_a_killed_process_left_is_gone_after_the_next_start_and_what_was_acknowledged_is_not(string database)
    {
        await using var server = await TestServer.StartAsync(database);
        var alice = await server.RegisterAsync();
        var media = await alice.UploadAsync([1, 2, 3]);
        var kept = server.Stored().Single();
        var orphan = Convert.ToHexStringLower(SHA256.HashData("orphan"u8));

        await server.RestartAsync(() =>
        {
            // As it is when the process dies between the rename and the commit, or in the middle of an upload.
            File.WriteAllText(Path.Combine(server.Files, orphan[..2], orphan), "orphan");
            File.WriteAllText(Path.Combine(server.Temporary, orphan + ".put"), "");
            File.WriteAllText(Path.Combine(server.Temporary, kept + ".put"), "");
            File.WriteAllText(Path.Combine(server.Temporary, "half"), "half an upload");
        });

        Assert.Equal([kept], server.Stored());
        var again = new MediaClient(new MatrixClient(server.Address).Become(alice.Matrix), server.Address);
        Assert.Equal([1, 2, 3], (await again.DownloadAsync(media)).Ok().Body);
    }

    [DatabaseTheory]
    public async Task A_deletion_that_was_interrupted_is_ended_by_the_next_start(string database)
    {
        await using var server = await TestServer.StartAsync(database);
        var alice = await server.RegisterAsync();
        var media = await alice.UploadAsync([1, 2, 3]);

        // The entry's end is committed and then the process dies: the bytes are still there.
        Assert.True(await server.Library.Catalogue.DeleteAsync(server.Get<OrganisationStore>().Default.Id, media.Split('/')[1]));
        Assert.Single(server.Stored());
        await server.RestartAsync();

        Assert.Empty(server.Stored());
    }
}
