using Causeway.History;
using Xunit;
using static Causeway.HistoryChecker.Tests.HistoryBuilder;

namespace Causeway.HistoryChecker.Tests;

public class HistoryProofTests
{
    private static readonly ValueKey Topic = new(ValueKind.State, Alice, Room, "topic");

    [Fact]
    public void A_true_history_is_accepted()
    {
        var history = new HistoryBuilder().Change(Bob, joins: true);
        var (one, two) = (history.Send("one"), history.Send("two"));
        history.Sync(Alice, one, two).Sync(Bob, one).Sync(Bob, two).Read(Bob, true, one, two);
        history.Value(Topic, "1").History.FinalValues.Add(new FinalValue(Topic, Bob, "/state", "1"));
        history.History.Tokens.AddRange([(Bob, "s1"), (Bob, "s2"), (Bob, "s2"), (Bob, "s10")]);
        Assert.Empty(history.Promises());
    }

    [Fact]
    public void A_lost_event_is_found()
    {
        var history = new HistoryBuilder();
        history.Send("one", isInRoom: false);
        Assert.Contains("An acknowledged event is there", history.Promises());
    }

    [Fact]
    public void An_event_that_a_member_never_saw_is_found()
    {
        var history = new HistoryBuilder().Change(Bob, joins: true);
        history.Sync(Alice, history.Send("one")).Read(Bob, true, new SeenEvent("$one", "one"));
        Assert.Equal(["Every member sees every event"], history.Promises());
    }

    [Fact]
    public void An_event_sent_while_one_was_leaving_may_be_missed()
    {
        var history = new HistoryBuilder().Change(Bob, joins: true).Change(Bob, joins: false, Outcome.Unknown);
        history.Sync(Alice, history.Send("one"));
        Assert.Empty(history.Promises());
    }

    [Fact]
    public void A_doubled_event_in_sync_is_found()
    {
        var history = new HistoryBuilder();
        var one = history.Send("one");
        Assert.Equal(["An event is seen once"], history.Sync(Alice, one).Sync(Alice, one).Promises());
    }

    [Fact]
    public void A_newly_joined_user_may_be_told_again()
    {
        var history = new HistoryBuilder();
        var one = history.Send("one");
        Assert.Empty(history.Sync(Alice, one).Batch(Alice, restarts: true, one).Promises());
    }

    [Fact]
    public void A_reordered_sync_is_found()
    {
        var history = new HistoryBuilder();
        var (one, two) = (history.Send("one"), history.Send("two"));
        Assert.Equal(["All see one order"], history.Sync(Alice, two, one).Promises());
    }

    [Fact]
    public void A_reordered_page_is_found()
    {
        var history = new HistoryBuilder().Change(Bob, joins: true);
        var (one, two) = (history.Send("one"), history.Send("two"));
        Assert.Equal(["All see one order"], history.Sync(Alice, one, two).Sync(Bob, one, two).Read(Bob, true, two, one).Promises());
    }

    [Fact]
    public void A_page_that_lacks_an_event_is_found()
    {
        var history = new HistoryBuilder().Change(Bob, joins: true);
        var (one, two) = (history.Send("one"), history.Send("two"));
        Assert.Equal(["All read the same room"], history.Sync(Alice, one, two).Sync(Bob, one, two).Read(Bob, true, one).Promises());
    }

    [Fact]
    public void An_event_seen_and_then_gone_is_found()
    {
        var history = new HistoryBuilder();
        Assert.Equal(["What was seen stays"], history.Sync(Alice, history.Send("one", Outcome.Unknown, isInRoom: false)).Promises());
    }

    [Fact]
    public void A_room_shown_to_a_stranger_is_found()
    {
        var history = new HistoryBuilder();
        var one = history.Send("one");
        Assert.Equal(["Nobody sees a room they are not in"], history.Sync(Alice, one).Read(Bob, false, one).Promises());
    }

    [Fact]
    public void An_event_sent_after_one_left_is_a_leak()
    {
        var history = new HistoryBuilder().Change(Bob, joins: true).Change(Bob, joins: false);
        var one = history.Send("one");
        Assert.Equal(["Nobody sees a room they are not in"], history.Sync(Alice, one).Sync(Bob, one).Promises());
    }

    [Theory]
    [InlineData(HistoryVisibility.Shared, false)]
    [InlineData(HistoryVisibility.Joined, true)]
    public void Events_from_before_one_joined_are_a_leak_only_where_history_is_for_the_joined(HistoryVisibility visibility, bool isLeak)
    {
        var history = new HistoryBuilder(visibility);
        var one = history.Send("one");
        history.Change(Bob, joins: true).Sync(Alice, one).Sync(Bob, one);
        Assert.Equal(isLeak ? ["Nobody sees a room they are not in"] : [], history.Promises());
    }

    [Fact]
    public void Two_event_ids_for_one_transaction_are_found()
    {
        var history = new HistoryBuilder();
        history.Attempt("one", Outcome.Acknowledged, "$other").Sync(Alice, history.Send("one"));
        Assert.Contains("One transaction id gives one event id", history.Promises());
    }

    [Fact]
    public void A_retry_that_made_a_second_event_is_found()
    {
        var history = new HistoryBuilder();
        var one = history.Send("one");
        history.Sync(Alice, one, new SeenEvent("$again", "one"));
        Assert.Contains("A retry makes no second event", history.Promises());
    }

    [Fact]
    public void One_event_id_for_two_transactions_is_found()
    {
        var history = new HistoryBuilder();
        history.Sync(Alice, history.Send("one"));
        history.Attempt("two", Outcome.Acknowledged, "$one");
        Assert.Equal(["Every transaction has its own event"], history.Promises());
    }

    [Fact]
    public void A_refused_event_that_is_seen_is_found()
    {
        var history = new HistoryBuilder();
        history.Sync(Alice, history.Send("one", Outcome.Refused));
        Assert.Equal(["What was refused is nowhere"], history.Promises());
    }

    [Fact]
    public void An_event_of_unknown_outcome_may_be_there_or_not()
    {
        var history = new HistoryBuilder();
        history.Send("gone", Outcome.Unknown, isInRoom: false);
        Assert.Empty(history.Sync(Alice, history.Send("there", Outcome.Unknown)).Promises());
    }

    [Fact]
    public void An_event_nobody_sent_is_found()
    {
        var history = new HistoryBuilder();
        history.Sync(Alice, new SeenEvent("$x", "x"));
        Assert.Contains("Nothing is made up", history.Promises());
    }

    [Theory]
    [InlineData("s1", "s3", "s2")]
    [InlineData("opaque", "other", "opaque")]
    public void A_token_that_goes_back_is_found(string first, string second, string third)
    {
        var history = new HistoryBuilder();
        history.History.Tokens.AddRange([(Alice, first), (Alice, second), (Alice, third)]);
        Assert.Equal(["Sync tokens never go back"], history.Promises());
    }

    [Theory]
    [InlineData("1", false)]
    [InlineData("2", true)]
    [InlineData("3", true)]
    [InlineData(null, false)]
    public void The_final_value_is_the_last_acknowledged_or_a_later_unknown_one(string? final, bool isAllowed)
    {
        var history = new HistoryBuilder().Value(Topic, "1").Value(Topic, "2").Value(Topic, "3", Outcome.Unknown);
        history.History.FinalValues.Add(new FinalValue(Topic, Bob, "/state", final));
        Assert.Equal(isAllowed ? [] : ["The last acknowledged value holds"], history.Promises());
    }

    [Fact]
    public void Readers_that_disagree_are_found()
    {
        var history = new HistoryBuilder().Value(Topic, "1").Value(Topic, "2", Outcome.Unknown);
        history.History.FinalValues.AddRange([new FinalValue(Topic, Alice, "/state", "1"), new FinalValue(Topic, Bob, "/state", "2")]);
        Assert.Equal(["All read the same value"], history.Promises());
    }
}
