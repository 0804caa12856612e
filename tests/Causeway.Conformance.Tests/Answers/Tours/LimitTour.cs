using Causeway.Hosting;

namespace Causeway.Conformance.Tests.Answers.Tours;

/// <summary>Client-server API, "Rate limiting": each endpoint that may be limited answers 429 once its caller's bucket is empty.</summary>
internal static class LimitTour
{
    public static async Task EveryLimitAsync(Tour t)
    {
        await using var server = await TestServer.StartAsync(o => o with { RateLimits = true }, new NoTimePasses());
        var alice = await server.RegisterAsync("alice", t.Note);
        var limiter = server.Get<RateLimiter>();
        foreach (var (endpoint, route) in Routes.Of(server).Where(r => r.Endpoint.Limited && r.Route.Rate != Rate.None))
        {
            Empty(limiter, route.Rate, route.Access == Access.None ? "127.0.0.1" : alice.UserId);
            await t.GoAsync(alice, $"{endpoint.Method} {Routes.Fill(endpoint, alice.UserId)}", "429 M_LIMIT_EXCEEDED");
        }
    }

    /// <summary>So that no bucket fills up between its emptying and the request.</summary>
    private sealed class NoTimePasses : TimeProvider
    {
        private readonly long _timestamp = System.GetTimestamp();

        public override long GetTimestamp() => _timestamp;
    }

    private static void Empty(RateLimiter limiter, Rate rate, string who)
    {
        for (var full = true; full;)
        {
            try
            {
                limiter.Check(rate, who);
            }
            catch (Refusal)
            {
                full = false;
            }
        }
    }
}
