using System.Globalization;
using System.Text;
using Causeway.Wire;

namespace Causeway.Load;

/// <summary>What a scenario works with.</summary>
internal sealed record LoadContext(LoadOptions Options, AccountPool Accounts, ScenarioResult Result)
{
    private const int SetupParallel = 16;
    private static int transaction;

    public MatrixClient Connect(Account account, int receiveBuffer = 4096) =>
        new(Options.Server, account, Result.Errors, receiveBuffer);

    /// <summary>A transaction id that no other request of this program has.</summary>
    public static string NewTransactionId() => Interlocked.Increment(ref transaction).ToString("x", CultureInfo.InvariantCulture);

    /// <summary>The content of an ordinary short message.</summary>
    public static byte[] Content(string text) =>
        Encoding.UTF8.GetBytes($$"""{"msgtype":"m.text","body":"{{text}} the quick brown fox jumps over the lazy dog"}""");

    /// <summary>Creates rooms and fills each with messages, over several connections of one account.</summary>
    public async Task<string[]> CreateRoomsAsync(Account owner, int rooms, int messagesEach)
    {
        var ids = new string[rooms];
        var content = Content("setup");
        await Bounded.RunAsync(rooms, SetupParallel, async (client, number) =>
        {
            ids[number] = await client.CreateRoomAsync();
            for (var i = 0; i < messagesEach; i++)
            {
                await client.SendMessageAsync(MatrixClient.Escape(ids[number]), NewTransactionId(), content);
            }
        }, () => Connect(owner));
        return ids;
    }

    /// <summary>Lets every account join the room.</summary>
    public Task JoinAllAsync(string roomId, IReadOnlyList<Account> accounts) =>
        Bounded.RunAsync(accounts.Count, SetupParallel, async (_, number) =>
        {
            using var client = Connect(accounts[number]);
            await client.JoinAsync(roomId);
        }, () => new MemoryStream(0));

    /// <summary>CPU time of the server until now; zero when its process is not known.</summary>
    public TimeSpan ServerCpu() => Options.ServerProcess?.CpuTime() ?? TimeSpan.Zero;

    /// <summary>Records the server's CPU per thing done, where the process is known.</summary>
    public void CpuFigure(string name, TimeSpan used, long things)
    {
        if (Options.ServerProcess is not null && things > 0)
        {
            Result.Figure(name, used.TotalMicroseconds / things);
        }
    }
}

/// <summary>Tells running loops to end.</summary>
internal sealed class StopSign
{
    private volatile bool _raised;

    public bool IsRaised => _raised;

    public void Raise() => _raised = true;
}
