using System.Diagnostics;
using System.Globalization;
using Causeway.History;
using Causeway.Wire;

namespace Causeway.HistoryChecker;

/// <summary>One user who acts by a seeded choice and records what each act came to. One act at a time; a second
/// connection holds the /sync loop.</summary>
internal sealed class CheckedClient : IDisposable
{
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan CalmAfter = TimeSpan.FromSeconds(3);

    private readonly int _index;
    private readonly Town _town;
    private readonly Random _random;
    private readonly HashSet<string> _visited = [];
    private readonly Dictionary<string, SendAttempt> _lastSent = [];
    private int _counter;

    public CheckedClient(int index, int seed, Account account, Town town)
    {
        _index = index;
        _town = town;
        _random = new Random(unchecked((seed * 7919) + index));
        Client = new MatrixClient(town.Endpoint, account, town.Errors);
        Sync = new SyncLoop(new MatrixClient(town.Endpoint, account, town.Errors, 64 * 1024), town);
    }

    public MatrixClient Client { get; }

    public SyncLoop Sync { get; }

    public string UserId => Client.Account.UserId;

    public IEnumerable<CheckedPlace> CorePlaces => _town.Places.Where(place => place.Core.Contains(_index));

    public IEnumerable<CheckedPlace> Places => _town.Places;

    public bool IsMember(CheckedPlace place) => place.Core.Contains(_index) || _visited.Contains(place.RoomId);

    public void Dispose()
    {
        Client.Dispose();
        Sync.Dispose();
    }

    public async Task ActAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var core = Pick(CorePlaces);
            await (_random.Next(100) switch
            {
                < 50 => SendAsync(Pick(Places.Where(IsMember))),
                < 55 => RepeatAsync(),
                < 65 => SetStateAsync(core),
                < 73 => SetReceiptAsync(core),
                < 80 => SetAccountDataAsync(core),
                < 92 => ComeOrGoAsync(),
                _ => TrespassAsync(),
            });
            await Task.Delay(_random.Next(0, 8), CancellationToken.None);
        }
    }

    private T Pick<T>(IEnumerable<T> all)
    {
        T[] choices = [.. all];
        return choices[_random.Next(choices.Length)];
    }

    private async Task SendAsync(CheckedPlace place)
    {
        var transactionId = NextName("t");
        // Some requests are broken off by the client itself, so that unknown outcomes are not only those of kills.
        var impatient = _random.Next(12) == 0;
        var keepsTrying = _random.Next(5) > 0;
        var patience = impatient ? TimeSpan.FromMilliseconds(_random.Next(1, 20)) : AnswerWithin;
        for (var tries = 0; tries < 50; tries++)
        {
            var attempt = await TrySendAsync(place, transactionId, patience);
            if (attempt.Outcome != Outcome.Unknown || !keepsTrying)
            {
                _lastSent[place.RoomId] = attempt;
                return;
            }

            patience = AnswerWithin;
            await _town.Weather.WaitUntilUpAsync();
            await Task.Delay(_random.Next(5, 100));
        }
    }

    /// <summary>Sends again what was answered long ago: the same transaction id must give the same event id.</summary>
    private async Task RepeatAsync()
    {
        if (_lastSent.Count > 0)
        {
            var last = Pick(_lastSent.Values);
            if (last.Outcome == Outcome.Acknowledged)
            {
                await TrySendAsync(_town.Places.First(place => place.RoomId == last.RoomId), last.TransactionId!, AnswerWithin);
            }
        }
    }

    private async Task<SendAttempt> TrySendAsync(CheckedPlace place, string transactionId, TimeSpan patience)
    {
        var marker = $"{_index}-{transactionId}";
        var start = Stopwatch.GetTimestamp();
        var (outcome, reply) = await TryAsync(
            "send",
            "PUT",
            $"{place.Path}/send/m.room.message/{transactionId}",
            $$"""{"msgtype":"m.text","body":"message {{marker}}","marker":"{{marker}}"}""",
            patience);
        return RecordSend(place, transactionId, marker, start, outcome, reply);
    }

    private SendAttempt RecordSend(
        CheckedPlace place, string? transactionId, string marker, long start, Outcome outcome, HttpReply reply)
    {
        var eventId = outcome == Outcome.Acknowledged ? JsonBytes.FindText(reply.Body.Span, "\"event_id\""u8) : null;
        var attempt = new SendAttempt(UserId, place.RoomId, transactionId, marker, start, Stopwatch.GetTimestamp(), outcome, eventId);
        _town.History.Add(history => history.Sends, attempt);
        return attempt;
    }

    private async Task SetStateAsync(CheckedPlace place)
    {
        var marker = $"{_index}-{NextName("s")}";
        var start = Stopwatch.GetTimestamp();
        var (outcome, reply) = await TryAsync(
            "state", "PUT", $"{place.Path}/state/org.causeway.check/k{_index}", $$"""{"marker":"{{marker}}"}""");
        RecordSend(place, null, marker, start, outcome, reply);
        RecordValue(ValueKeys.State(this, place, _index), marker, start, outcome);
    }

    private async Task SetReceiptAsync(CheckedPlace place)
    {
        if (Sync.FindNewest(place.RoomId) is not { } eventId)
        {
            return;
        }

        var start = Stopwatch.GetTimestamp();
        var (outcome, _) = await TryAsync("receipt", "POST", $"{place.Path}/receipt/m.read/{MatrixClient.Escape(eventId)}", "{}");
        RecordValue(ValueKeys.Receipt(this, place), eventId, start, outcome);
    }

    private async Task SetAccountDataAsync(CheckedPlace place)
    {
        var inRoom = _random.Next(2) == 0;
        var value = NextName("a");
        var room = inRoom ? "/rooms/" + MatrixClient.Escape(place.RoomId) : string.Empty;
        var start = Stopwatch.GetTimestamp();
        var (outcome, _) = await TryAsync(
            "account_data",
            "PUT",
            $"/_matrix/client/v3/user/{MatrixClient.Escape(UserId)}{room}/account_data/org.causeway.check",
            $$"""{"value":"{{value}}"}""");
        RecordValue(ValueKeys.AccountData(this, inRoom ? place : null), value, start, outcome);
    }

    private async Task ComeOrGoAsync()
    {
        CheckedPlace[] choices = [.. Places.Where(place => !place.IsPrivate && !place.Core.Contains(_index))];
        if (choices.Length == 0)
        {
            return;
        }

        var place = Pick(choices);
        var joins = !_visited.Contains(place.RoomId);
        for (var tries = 0; tries < 50; tries++)
        {
            var start = Stopwatch.GetTimestamp();
            var (outcome, _) = await TryAsync("join or leave", "POST", $"{place.Path}/{(joins ? "join" : "leave")}", "{}");
            _town.History.Add(
                history => history.Memberships,
                new MembershipAttempt(UserId, place.RoomId, joins, start, Stopwatch.GetTimestamp(), outcome));
            if (outcome == Outcome.Unknown)
            {
                await _town.Weather.WaitUntilUpAsync();
                await Task.Delay(20);
                continue;
            }

            // A leave that was refused because an earlier try of it had succeeded: certain from the refusal on.
            if (outcome == Outcome.Acknowledged || tries > 0)
            {
                _ = joins ? _visited.Add(place.RoomId) : _visited.Remove(place.RoomId);
            }

            return;
        }
    }

    /// <summary>Sends into and reads from a room one is not in: both must be refused.</summary>
    private async Task TrespassAsync()
    {
        CheckedPlace[] choices = [.. Places.Where(place => !IsMember(place))];
        if (choices.Length == 0)
        {
            return;
        }

        var place = Pick(choices);
        await TrySendAsync(place, NextName("x"), AnswerWithin);
        var (outcome, reply) = await TryAsync("messages", "GET", $"{place.Path}/messages?dir=b&limit=50", null);
        if (outcome == Outcome.Acknowledged)
        {
            var page = RoomPage.Parse(reply.Body);
            _town.History.Add(
                history => history.Readings,
                new RoomReading(UserId, place.RoomId, "/messages of a stranger", false, [.. page.Events.Reverse()]));
        }
    }

    private void RecordValue(ValueKey key, string value, long start, Outcome outcome) =>
        _town.History.Add(history => history.Values, new ValueAttempt(key, value, start, outcome));

    private async Task<(Outcome Outcome, HttpReply Reply)> TryAsync(
        string operation, string method, string path, string? body, TimeSpan? patience = null)
    {
        await _town.Weather.WaitUntilUpAsync();
        using var limit = new CancellationTokenSource(patience ?? AnswerWithin);
        var start = Stopwatch.GetTimestamp();
        try
        {
            var reply = await Client.CallAsync(operation, method, path, body is null ? default : Body.Of(body), limit.Token);
            if (reply.Status >= 500 && _town.Weather.Calm > CalmAfter)
            {
                _town.Findings.Add("No 500 without a fault", $"{operation}: {reply.Status} {reply.Snippet()}");
            }

            return (reply.Status switch { < 300 => Outcome.Acknowledged, < 500 => Outcome.Refused, _ => Outcome.Unknown }, reply);
        }
        catch (ConnectionLostException)
        {
            if (Stopwatch.GetElapsedTime(start) >= AnswerWithin)
            {
                _town.Findings.Add("Every request is answered", $"{operation} of {UserId} was not within {AnswerWithin.TotalSeconds} s");
            }

            return (Outcome.Unknown, default);
        }
    }

    private string NextName(string kind) => kind + (++_counter).ToString(CultureInfo.InvariantCulture);
}
