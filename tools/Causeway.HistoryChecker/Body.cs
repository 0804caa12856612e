using System.Text;

namespace Causeway.HistoryChecker;

internal static class Body
{
    public static byte[] Of(string json) => Encoding.UTF8.GetBytes(json);
}
