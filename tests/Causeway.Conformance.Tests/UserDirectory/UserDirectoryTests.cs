using Causeway.Conformance.Tests.Baseline;
using Causeway.TestKit;

namespace Causeway.Conformance.Tests.UserDirectory;

/// <summary>Client-server API, "User Directory".</summary>
public sealed class UserDirectoryTests : BehaviourTests
{
    [Behaviour]
    public async Task Somebody_in_a_shared_room_is_found_by_name()
    {
        var name = TestServer.Unique("Findable");
        await Bob.PutAsync($"v3/profile/{Bob.UserId}/displayname", new { displayname = name });
        var room = await Alice.CreateRoomAsync();
        await Alice.InviteAsync(room, Bob.UserId);
        await Bob.JoinAsync(room);
        await FoundAsync(Alice, name, Bob.UserId);
    }

    [Behaviour]
    public async Task Somebody_in_a_public_room_is_found_by_id()
    {
        await Bob.CreateRoomAsync(new { preset = "public_chat", visibility = "public" });
        await FoundAsync(Alice, Local(Bob), Bob.UserId);
    }

    [Behaviour]
    public async Task Somebody_in_private_rooms_of_others_only_is_not_found()
    {
        var name = TestServer.Unique("Hidden");
        await Bob.PutAsync($"v3/profile/{Bob.UserId}/displayname", new { displayname = name });
        await Bob.CreateRoomAsync();
        Assert.Equal(0, (await SearchAsync(Alice, name)).Ok()["results"].GetArrayLength());
    }

    [Behaviour]
    public async Task More_than_the_limit_is_cut_off_and_said_so()
    {
        var name = TestServer.Unique("Many");
        for (var i = 0; i < 2; i++)
        {
            var person = await PersonAsync();
            await person.PutAsync($"v3/profile/{person.UserId}/displayname", new { displayname = $"{name} {i}" });
            await person.CreateRoomAsync(new { preset = "public_chat", visibility = "public" });
        }

        Assert.Equal(200, (await SearchAsync(Alice, name)).Status);
        await Wait.UntilAsync(async () => (await SearchAsync(Alice, name, 1)).Ok()["limited"].GetBoolean(), TimeSpan.FromSeconds(5), "a limited answer");
        Assert.Equal(1, (await SearchAsync(Alice, name, 1)).Ok()["results"].GetArrayLength());
    }

    private static Task<MatrixAnswer> SearchAsync(MatrixClient who, string term, int limit = 10) =>
        who.PostAsync("v3/user_directory/search", new { search_term = term, limit });

    private static async Task FoundAsync(MatrixClient who, string term, string user)
    {
        Assert.Equal(200, (await SearchAsync(who, term)).Status);
        await Wait.UntilAsync(async () => Strings((await SearchAsync(who, term)).Ok()["results"], "user_id").Contains(user), TimeSpan.FromSeconds(5), user);
    }
}
