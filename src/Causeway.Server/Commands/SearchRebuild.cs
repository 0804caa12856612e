using Causeway.Hosting;
using Causeway.Search;
using Causeway.Server.Local;

namespace Causeway.Server.Commands;

/// <summary><c>causeway search rebuild</c>.</summary>
internal static class SearchRebuild
{
    public static readonly Command Command = new("search rebuild", "", "build the search index anew", RunAsync)
    {
        Notes = "People find the newest messages first; what is older follows while the server runs.",
    };

    private static async Task<int> RunAsync(Arguments arguments)
    {
        await LocalChannel.CallAsync(arguments.Settings, "search-rebuild", []).ConfigureAwait(false);
        Console.Out.WriteLine("The search index is forgotten and is built anew while the server runs.");
        return 0;
    }
}

/// <summary>POST /_causeway/local/search-rebuild.</summary>
internal sealed class RebuildSearch(SearchIndex index, ILogger<RebuildSearch> logger) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        await index.RebuildAsync().ConfigureAwait(false);
        LocalLog.Done(logger, "forgot", "the search index");
        await request.ReplyEmptyAsync().ConfigureAwait(false);
    }
}
