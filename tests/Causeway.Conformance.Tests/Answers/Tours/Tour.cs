using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Causeway.TestKit;

namespace Causeway.Conformance.Tests.Answers.Tours;

/// <summary>
/// A walk past the endpoints of one area, so that each gives the answers its OpenAPI document lists. It says which status
/// and code is due; whether the body is sound is seen by the transport. A wrong answer does not end the walk.
/// </summary>
internal sealed partial class Tour(TestServer server)
{
    private readonly ConcurrentQueue<Exchange> _exchanges = new();
    private readonly ConcurrentQueue<string> _surprises = new();

    public TestServer Server => server;

    public required MatrixClient Alice { get; init; }

    public required MatrixClient Bob { get; init; }

    public required MatrixClient Admin { get; init; }

    public required MatrixClient Nobody { get; init; }

    /// <summary>A public room in which Alice and Bob are.</summary>
    public required string Room { get; init; }

    /// <summary>A message of Alice in it.</summary>
    public required string Message { get; init; }

    public IEnumerable<Exchange> Exchanges => _exchanges;

    /// <summary>Answers of another status or code than was due.</summary>
    public IEnumerable<string> Surprises => _surprises;

    public static async Task<Tour> BeginAsync(TestServer server)
    {
        Tour? tour = null;
        void Note(Exchange exchange) => tour?.Note(exchange);
        var alice = await server.RegisterAsync("alice", Note);
        var bob = await server.RegisterAsync("bob", Note);
        var room = await alice.CreateRoomAsync(new { preset = "public_chat", name = "Tour", topic = "t" });
        await bob.JoinAsync(room);
        tour = new Tour(server)
        {
            Alice = alice,
            Bob = bob,
            Admin = await server.RegisterAdminAsync(Note),
            Nobody = server.Client(Note),
            Room = room,
            Message = await alice.SendTextAsync(room, "hello"),
        };
        return tour;
    }

    public void Note(Exchange exchange) => _exchanges.Enqueue(exchange);

    public Task<MatrixClient> PersonAsync(string name) => server.RegisterAsync(name, Note);

    public async Task<MatrixClient> DeviceOfAsync(MatrixClient who) => await server.Client(Note).LoginAsync(who.UserId);

    /// <param name="request">Method and path, as "GET v3/sync".</param>
    /// <param name="due">The status, and the error code if that is said, as "404 M_NOT_FOUND".</param>
    public async Task<MatrixAnswer> GoAsync(MatrixClient who, string request, string due, object? body = null)
    {
        var space = request.IndexOf(' ', StringComparison.Ordinal);
        var method = request[..space];
        var answer = await who.AskAsync(method, request[(space + 1)..], body ?? (method is "POST" or "PUT" ? new { } : null));
        Expect(answer, due);
        return answer;
    }

    public async Task<MatrixAnswer> RawAsync(MatrixClient who, string request, string due, string body)
    {
        var space = request.IndexOf(' ', StringComparison.Ordinal);
        var answer = await who.RequestRawAsync(request[..space], Requests.Full(request[(space + 1)..]), body);
        Expect(answer, due);
        return answer;
    }

    /// <summary>A file's bytes, as a picture.</summary>
    public async Task<MatrixAnswer> UploadAsync(MatrixClient who, string request, string due, byte[] bytes, TestServer? of = null)
    {
        var answer = await Requests.UploadAsync(of ?? server, who, request, bytes, Note);
        Expect(answer, due);
        return answer;
    }

    /// <summary>Path below the room.</summary>
    public string In(string rest, string version = "v3") => Requests.In(Room, rest, version);

    public string User(MatrixClient who) => Requests.Escape(who.UserId);

    public void Surprise(string what) => _surprises.Enqueue(what);

    private void Expect(MatrixAnswer answer, string due)
    {
        var got = $"{answer.Status} {answer.ErrorCode}".TrimEnd();
        if (got != due && !(Number().IsMatch(due) && answer.Status.ToString() == due))
        {
            Surprise($"due was {due}: {answer}");
        }
    }

    [GeneratedRegex("^[0-9]+$")]
    private static partial Regex Number();
}
