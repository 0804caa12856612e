using Causeway.Wire;

namespace Causeway.HistoryChecker;

/// <summary>A room of the run and who is in it: the core never leaves; in a public room others come and go; in a
/// private room others only try.</summary>
internal sealed record CheckedPlace(string RoomId, bool IsPrivate, IReadOnlySet<int> Core)
{
    public string Path { get; } = $"/_matrix/client/v3/rooms/{MatrixClient.Escape(RoomId)}";
}
