using Causeway.Conformance.Tests.Baseline;
using Causeway.Hosting;

namespace Causeway.Conformance.Tests.Answers;

/// <summary>Who may call an endpoint and whether it is limited, as the route table declares it and as the standard has it.</summary>
public sealed class RouteTests
{
    [Fact]
    public async Task What_the_standard_says_may_be_limited_is_limited() => CommittedList.Empty(
        from pair in Routes.Of(await TestServer.SharedAsync())
        where pair.Endpoint.Limited && pair.Route.Rate == Rate.None
        select pair.Endpoint.Name);

    [Fact]
    public async Task A_token_is_asked_for_where_the_standard_asks_for_one() => CommittedList.Empty(
        from pair in Routes.Of(await TestServer.SharedAsync())
        let allowed = pair.Endpoint.Access switch
        {
            "none" => new[] { Access.None, Access.Optional },
            "optional" => [Access.Optional, Access.User, Access.Guest],
            _ => [Access.User, Access.Guest, Access.Admin],
        }
        where !allowed.Contains(pair.Route.Access)
        select $"{pair.Endpoint.Name}: {pair.Endpoint.Access} in the standard, {pair.Route.Access} here");

    [Fact]
    public async Task Guests_may_do_what_the_guest_access_module_lists() => CommittedList.Empty(
        from pair in Routes.Of(await TestServer.SharedAsync())
        where pair.Endpoint.Guest && pair.Route.Access is Access.User or Access.Admin
        select pair.Endpoint.Name);

    /// <summary>Each endpoint that guests may call beyond the guest access module is a decision, and named.</summary>
    [Fact]
    public async Task What_guests_may_do_beyond_the_module_is_listed() => CommittedList.Compare("guests.txt",
    [
        .. from pair in Routes.Of(await TestServer.SharedAsync())
           where !pair.Endpoint.Guest && pair.Endpoint.Access == "token" && pair.Route.Access is Access.Guest
           select pair.Endpoint.Name,
    ]);
}
