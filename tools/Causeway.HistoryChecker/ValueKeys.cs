using Causeway.History;

namespace Causeway.HistoryChecker;

/// <summary>The values each client owns, alone and by name.</summary>
internal static class ValueKeys
{
    public static ValueKey State(CheckedClient owner, CheckedPlace place, int index) =>
        new(ValueKind.State, owner.UserId, place.RoomId, $"k{index}");

    public static ValueKey Receipt(CheckedClient owner, CheckedPlace place) =>
        new(ValueKind.Receipt, owner.UserId, place.RoomId, "m.read");

    public static ValueKey AccountData(CheckedClient owner, CheckedPlace? place) =>
        new(ValueKind.AccountData, owner.UserId, place?.RoomId ?? string.Empty, "org.causeway.check");
}
