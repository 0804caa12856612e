using System.Text.Json;
using Causeway.Hosting;

namespace Causeway.Accounts;

/// <summary>Judges a filter before it is stored; Sync implements it, since it knows what filters mean.</summary>
public interface IFilterChecker
{
    /// <summary>Refuses what is no filter.</summary>
    void Check(JsonElement filter);
}

/// <summary>POST /_matrix/client/v3/user/{userId}/filter. Client-server API, "Filtering".</summary>
internal sealed class AddFilter(FilterStore filters, IFilterChecker checker) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var user = request.OwnUserId();
        using var body = await request.ReadJsonAsync().ConfigureAwait(false);
        if (body.Bytes.Length > 65_536)
        {
            throw Refusal.TooLarge("A filter has at most 64 KiB.");
        }

        checker.Check(body.Root);
        var id = await filters.AddAsync(user, body.Bytes.ToArray()).ConfigureAwait(false);
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteString("filter_id"u8, id);
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }
}

/// <summary>GET /_matrix/client/v3/user/{userId}/filter/{filterId}. Client-server API, "Filtering".</summary>
internal sealed class GetFilter(FilterStore filters) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var json = await filters.FindAsync(request.OwnUserId(), request.Path("filterId")).ConfigureAwait(false)
            ?? throw Refusal.NotFound("You have no such filter.");
        await request.ReplyAsync(json).ConfigureAwait(false);
    }
}
