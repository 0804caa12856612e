using Causeway.Conformance.Tests.Baseline;
using Causeway.TestKit;

namespace Causeway.Conformance.Tests.Relations;

/// <summary>Client-server API, "Forming relationships between events", "Event replacements", "Event annotations and reactions", "Reference relations".</summary>
public sealed class RelationTests : BehaviourTests
{
    [Behaviour]
    public async Task Children_are_listed_by_type_of_relation_and_of_event()
    {
        var (room, root) = await RootAsync();
        var reaction = await SendAsync(Bob, room, "m.reaction", Relate("m.annotation", root, ",\"key\":\"+\""));
        var reference = await SendAsync(Bob, room, "org.example.note", Relate("m.reference", root));
        Assert.Equal([reference, reaction], await ChildrenAsync(room, root, ""));
        Assert.Equal([reaction], await ChildrenAsync(room, root, "/m.annotation"));
        Assert.Equal([reference], await ChildrenAsync(room, root, "/m.reference/org.example.note"));
        Assert.Empty(await ChildrenAsync(room, root, "/m.reference/m.room.message"));
    }

    [Behaviour]
    public async Task Children_come_oldest_first_on_demand()
    {
        var (room, root) = await RootAsync();
        var (one, two) = (await SendAsync(Bob, room, "org.example.note", Relate("m.reference", root)), await SendAsync(Bob, room, "org.example.note", Relate("m.reference", root)));
        Assert.Equal([one, two], await ChildrenAsync(room, root, "?dir=f"));
    }

    [Behaviour]
    public async Task Children_come_in_pages()
    {
        var (room, root) = await RootAsync();
        var (one, two) = (await SendAsync(Bob, room, "org.example.note", Relate("m.reference", root)), await SendAsync(Bob, room, "org.example.note", Relate("m.reference", root)));
        var first = (await Alice.GetAsync(Path(room, root, "?limit=1"))).Ok();
        Assert.Equal([two], Strings(first["chunk"], "event_id"));
        Assert.Equal([one], await ChildrenAsync(room, root, $"?limit=1&from={Requests.Escape(first.Text("next_batch"))}"));
    }

    [Behaviour]
    public async Task An_edit_is_bundled_whole_and_leaves_the_content()
    {
        var (room, root) = await RootAsync();
        var edit = await EditAsync(Alice, room, root, "edited");
        var message = await EventAsync(Bob, room, root);
        Assert.Equal("root", message.GetProperty("content").GetProperty("body").GetString());
        Assert.Equal(edit, message.GetProperty("unsigned").GetProperty("m.relations").GetProperty("m.replace").GetProperty("event_id").GetString());
    }

    [Behaviour]
    public async Task An_edit_by_somebody_else_is_not_bundled()
    {
        var (room, root) = await RootAsync();
        await EditAsync(Bob, room, root, "forged");
        Assert.False((await EventAsync(Alice, room, root)).GetProperty("unsigned").TryGetProperty("m.relations", out _));
    }

    [Behaviour]
    public async Task When_the_newest_edit_is_redacted_the_one_before_it_holds()
    {
        var (room, root) = await RootAsync();
        var first = await EditAsync(Alice, room, root, "first");
        await Alice.RedactAsync(room, await EditAsync(Alice, room, root, "second"));
        var bundled = (await EventAsync(Bob, room, root)).GetProperty("unsigned").GetProperty("m.relations").GetProperty("m.replace");
        Assert.Equal(first, bundled.GetProperty("event_id").GetString());
    }

    [Behaviour]
    public async Task References_are_bundled_as_ids()
    {
        var (room, root) = await RootAsync();
        var reference = await SendAsync(Bob, room, "org.example.note", Relate("m.reference", root));
        var bundled = (await EventAsync(Bob, room, root)).GetProperty("unsigned").GetProperty("m.relations").GetProperty("m.reference").GetProperty("chunk");
        Assert.Equal([reference], Strings(bundled, "event_id"));
    }

    [Behaviour]
    public async Task The_same_reaction_twice_is_refused()
    {
        var (room, root) = await RootAsync();
        await SendAsync(Bob, room, "m.reaction", Relate("m.annotation", root, ",\"key\":\"+\""));
        (await TrySendAsync(Bob, room, "m.reaction", Relate("m.annotation", root, ",\"key\":\"+\""))).Refused(400, "M_DUPLICATE_ANNOTATION");
        await SendAsync(Bob, room, "m.reaction", Relate("m.annotation", root, ",\"key\":\"-\""));
        await SendAsync(Alice, room, "m.reaction", Relate("m.annotation", root, ",\"key\":\"+\""));
    }

    [Behaviour]
    public async Task A_redacted_reaction_is_no_child_and_may_be_given_again()
    {
        var (room, root) = await RootAsync();
        await Bob.RedactAsync(room, await SendAsync(Bob, room, "m.reaction", Relate("m.annotation", root, ",\"key\":\"+\"")));
        Assert.Empty(await ChildrenAsync(room, root, ""));
        await SendAsync(Bob, room, "m.reaction", Relate("m.annotation", root, ",\"key\":\"+\""));
    }

    [Behaviour]
    public async Task A_poll_and_its_votes_pass_through()
    {
        var (room, _) = await RootAsync();
        var poll = await SendAsync(Alice, room, "m.poll.start", """{"m.poll":{"question":{"m.text":[{"body":"?"}]},"answers":[{"m.id":"a","m.text":[{"body":"A"}]}]}}""");
        var vote = await SendAsync(Bob, room, "m.poll.response", Relate("m.reference", poll).TrimEnd('}') + "},\"m.selections\":[\"a\"]}");
        Assert.Equal([vote], await ChildrenAsync(room, poll, "/m.reference/m.poll.response"));
    }

    private async Task<(string Room, string Root)> RootAsync()
    {
        var room = await SharedRoomAsync();
        return (room, await Alice.SendTextAsync(room, "root"));
    }

    private Task<string> EditAsync(MatrixClient who, string room, string of, string text) => SendAsync(
        who, room, "m.room.message", $$$"""{"msgtype":"m.text","body":"* {{{text}}}","m.new_content":{"msgtype":"m.text","body":"{{{text}}}"},"m.relates_to":{"rel_type":"m.replace","event_id":"{{{of}}}"}}""");

    private async Task<List<string>> ChildrenAsync(string room, string root, string kind) =>
        Strings((await Alice.GetAsync(Path(room, root, kind))).Ok()["chunk"], "event_id");

    private static string Path(string room, string root, string kind) => Requests.In(room, $"relations/{Requests.Escape(root)}{kind}", "v1");

    private static string Relate(string type, string to, string more = "") => $$$"""{"m.relates_to":{"rel_type":"{{{type}}}","event_id":"{{{to}}}"{{{more}}}}}""";
}
