using Causeway.Conformance.Tests.Answers.Tours;
using Causeway.Conformance.Tests.Baseline;

namespace Causeway.Conformance.Tests.Answers;

/// <summary>
/// Real answers against the OpenAPI documents: every endpoint with its success and the errors documented for it.
/// What is not driven yet stands in undriven.txt, which may only become shorter.
/// </summary>
public sealed class AnswerTests(AnswerTests.Walk walk) : IClassFixture<AnswerTests.Walk>
{
    [Fact]
    public void Every_answer_is_as_its_schema_says() =>
        CommittedList.Empty(walk.Exchanges.Where(e => e.Problems.Count > 0).DistinctBy(e => (e.Endpoint.Name, e.Status, string.Join(' ', e.Problems))));

    [Fact]
    public void Every_answer_has_the_status_and_the_code_that_is_due() => CommittedList.Empty(walk.Surprises);

    [Fact]
    public void What_is_not_driven_is_listed_and_the_list_only_gets_shorter()
    {
        var driven = walk.Exchanges.SelectMany(e => new[] { Name(e.Endpoint, $"{e.Status}", ""), Name(e.Endpoint, $"{e.Status}", e.ErrorCode ?? "") }).ToHashSet();
        var due = from endpoint in Standard.Document.Endpoints
                  from status in endpoint.Answers.Keys
                  from code in endpoint.CodesOf(status) is var codes && codes.Any() ? codes.Distinct() : [""]
                  select Name(endpoint, status, code);
        CommittedList.Compare("undriven.txt", [.. due.Except(driven).Order(StringComparer.Ordinal)]);
    }

    private static string Name(Endpoint endpoint, string status, string code) => $"{endpoint.Name} {status} {code}".TrimEnd();

    /// <summary>All tours, once.</summary>
    public sealed class Walk : IAsyncLifetime
    {
        private static readonly Func<Tour, Task>[] Tours =
        [
            AccountTour.SignInAsync, AccountTour.DevicesAsync, AccountTour.CallsAsync, AccountTour.ServerAsync, AccountTour.DataAsync, AccountTour.ProfilesAsync,
            AccountTour.PushAsync, AccountTour.RegistrationModesAsync, RoomTour.MakingAsync, RoomTour.MembershipAsync, RoomTour.WritingAsync,
            RoomTour.ReadingAsync, RoomTour.SyncAsync, KeyTour.KeysAsync, KeyTour.BackupAsync, MediaTour.FilesAsync, LimitTour.EveryLimitAsync,
        ];

        private readonly List<Tour> _tours = [];

        internal IReadOnlyList<Exchange> Exchanges { get; private set; } = [];

        internal IReadOnlyList<string> Surprises { get; private set; } = [];

        public async Task InitializeAsync()
        {
            var server = await TestServer.SharedAsync();
            foreach (var run in Tours)
            {
                var tour = await Tour.BeginAsync(server);
                _tours.Add(tour);
                await run(tour);
            }

            Exchanges = [.. _tours.SelectMany(t => t.Exchanges)];
            Surprises = [.. _tours.SelectMany(t => t.Surprises)];
        }

        public Task DisposeAsync() => Task.CompletedTask;
    }
}
