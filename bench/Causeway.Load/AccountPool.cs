using System.Diagnostics;
using Causeway.Wire;

namespace Causeway.Load;

/// <summary>Registers each user once per run and lends the accounts to every scenario, since hashing passwords is
/// meant to be slow and is measured by the login scenario alone.</summary>
internal sealed class AccountPool(LoadOptions options)
{
    private const int Parallel = 8;
    private readonly List<Account> _accounts = [];

    /// <summary>The first <paramref name="count"/> accounts; fewer when <paramref name="limit"/> has passed.</summary>
    public async Task<IReadOnlyList<Account>> TakeAsync(int count, ErrorTally errors, TimeSpan? limit = null)
    {
        var missing = count - _accounts.Count;
        if (missing > 0)
        {
            var begun = Stopwatch.GetTimestamp();
            var first = _accounts.Count;
            var made = new Account?[missing];
            var registration = new Registration(options.Server, options.Registration, errors);
            await Bounded.RunAsync(missing, Parallel, async (worker, number) =>
            {
                if (limit is null || Stopwatch.GetElapsedTime(begun) < limit)
                {
                    made[number] = await registration.RegisterAsync(worker, $"{options.Users}{first + number}");
                }
            }, registration.Connect);
            _accounts.AddRange(made.OfType<Account>());
        }

        return _accounts.GetRange(0, Math.Min(count, _accounts.Count));
    }

    /// <summary>An account of its own for a scenario whose rooms must not be seen by others.</summary>
    public async Task<Account> TakeFreshAsync(string purpose, ErrorTally errors)
    {
        var registration = new Registration(options.Server, options.Registration, errors);
        using var connection = registration.Connect();
        return await registration.RegisterAsync(connection, $"{options.Users}{purpose}{Stopwatch.GetTimestamp() % 1_000_000_000}");
    }
}
