using System.Diagnostics;
using System.Net;
using Causeway.History;
using Causeway.Wire;

namespace Causeway.HistoryChecker;

/// <summary>Before the faults begin: accounts, rooms of every kind, and who belongs where.</summary>
internal static class Settlement
{
    public static async Task<List<CheckedClient>> CreateAsync(
        CheckerOptions options, IPEndPoint endpoint, RecordedHistory history, Weather weather, FindingList findings, ErrorTally errors)
    {
        var registration = new Registration(endpoint, "open", errors);
        var town = new Town(endpoint, history, weather, findings, errors);
        List<CheckedClient> clients = [];
        using (var connection = registration.Connect())
        {
            for (var i = 0; i < options.Clients; i++)
            {
                clients.Add(new CheckedClient(i, options.Seed, await registration.RegisterAsync(connection, $"u{options.Seed}x{i}"), town));
            }
        }

        for (var number = 0; number < options.Rooms; number++)
        {
            await CreateRoomAsync(number, clients, town);
        }

        return clients;
    }

    private static async Task CreateRoomAsync(int number, List<CheckedClient> clients, Town town)
    {
        var isPrivate = number % 3 == 2;
        var visibility = number % 2 == 0 ? HistoryVisibility.Shared : HistoryVisibility.Joined;
        var core = Enumerable.Range(0, clients.Count).Where(i => (i + number) % 2 == 0).ToHashSet();
        var creator = clients[core.Min()];
        var start = Stopwatch.GetTimestamp();
        var roomId = await creator.Client.CreateRoomAsync($$$"""
            {"preset":"{{{(isPrivate ? "private_chat" : "public_chat")}}}",
             "power_level_content_override":{"state_default":0,"events":{}},
             "initial_state":[{"type":"m.room.history_visibility","state_key":"","content":{"history_visibility":"{{{
                 (visibility == HistoryVisibility.Shared ? "shared" : "joined")}}}"}}]}
            """);
        town.History.Rooms.Add(new CheckedRoom(roomId, creator.UserId, visibility));
        RecordJoin(creator.UserId, start);
        var place = new CheckedPlace(roomId, isPrivate, core);
        foreach (var member in core.Where(i => clients[i] != creator).Select(i => clients[i]))
        {
            if (isPrivate)
            {
                await creator.Client.MustAsync(
                    "invite", "POST", place.Path + "/invite", Body.Of($$"""{"user_id":{{MatrixClient.Quote(member.UserId)}}}"""));
            }

            start = Stopwatch.GetTimestamp();
            await member.Client.JoinAsync(roomId);
            RecordJoin(member.UserId, start);
        }

        town.Places.Add(place);

        void RecordJoin(string user, long from) =>
            town.History.Memberships.Add(new MembershipAttempt(user, roomId, true, from, Stopwatch.GetTimestamp(), Outcome.Acknowledged));
    }
}

/// <summary>What all clients of a run share.</summary>
internal sealed record Town(IPEndPoint Endpoint, RecordedHistory History, Weather Weather, FindingList Findings, ErrorTally Errors)
{
    public List<CheckedPlace> Places { get; } = [];
}
