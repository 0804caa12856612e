using Causeway.Hosting;

namespace Causeway.Search;

/// <summary>POST /_matrix/client/v3/user_directory/search: finds people by name or id. Client-server API, "User Directory".</summary>
internal sealed class SearchPeople(PeopleFinder people) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        using var body = await request.ReadJsonAsync().ConfigureAwait(false);
        var term = body.Root.GetString("search_term");
        var limit = body.Root.FindInteger("limit") ?? 10;
        if (limit < 0 || term.Length > TextQuery.MaxLength)
        {
            throw Refusal.InvalidParam(limit < 0 ? "'limit' must not be negative." : "'search_term' is too long.");
        }

        var most = (int)Math.Min(limit, 100);
        var found = await people.FindAsync(request.Requester, new PeopleQuery(term), most).ConfigureAwait(false);
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteBoolean("limited"u8, found.Count > most);
            json.WriteStartArray("results"u8);
            foreach (var person in found.Take(most))
            {
                json.WriteStartObject();
                if (person.AvatarUrl is { } avatar)
                {
                    json.WriteString("avatar_url"u8, avatar);
                }

                if (person.DisplayName is { } name)
                {
                    json.WriteString("display_name"u8, name);
                }

                json.WriteString("user_id"u8, person.User);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }
}
