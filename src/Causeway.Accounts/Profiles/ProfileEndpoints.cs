using System.Text;
using Causeway.Hosting;

namespace Causeway.Accounts;

/// <summary>GET /_matrix/client/v3/profile/{userId}. Client-server API, "Profiles".</summary>
internal sealed class GetProfile(ProfileStore profiles) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var profile = await profiles.FindAsync(request.UserId()).ConfigureAwait(false) ?? throw NoSuchPerson();
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            if (profile.AvatarUrl is { } avatar)
            {
                json.WriteString("avatar_url"u8, avatar);
            }

            if (profile.DisplayName is { } name)
            {
                json.WriteString("displayname"u8, name);
            }

            json.WriteEndObject();
        }).ConfigureAwait(false);
    }

    internal static Refusal NoSuchPerson() => Refusal.NotFound("There is no such person.");
}

/// <summary>GET /_matrix/client/v3/profile/{userId}/{keyName}. Client-server API, "Profiles".</summary>
internal sealed class GetProfileField(ProfileStore profiles) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var profile = await profiles.FindAsync(request.UserId()).ConfigureAwait(false) ?? throw GetProfile.NoSuchPerson();
        var key = request.Path("keyName");
        var value = (key switch
        {
            ProfileField.DisplayName => profile.DisplayName,
            ProfileField.AvatarUrl => profile.AvatarUrl,
            _ => null,
        }) ?? throw Refusal.NotFound("This profile has no such field.");
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteString(key, value);
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }
}

/// <summary>PUT /_matrix/client/v3/profile/{userId}/{keyName}. Client-server API, "Profiles".</summary>
internal sealed class SetProfileField(ProfileStore profiles, IEnumerable<IProfileObserver> observers) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        _ = request.OwnUserId();
        var key = request.Path("keyName");
        using var body = await request.ReadJsonAsync().ConfigureAwait(false);
        ProfileField.Check(key);
        if (!body.Root.TryGetProperty(key, out _))
        {
            throw Refusal.MissingParam(key);
        }

        await ProfileField.ChangeAsync(request, profiles, observers, key, body.Root.FindString(key)).ConfigureAwait(false);
    }
}

/// <summary>DELETE /_matrix/client/v3/profile/{userId}/{keyName}. Client-server API, "Profiles".</summary>
internal sealed class DeleteProfileField(ProfileStore profiles, IEnumerable<IProfileObserver> observers) : IEndpoint
{
    public Task HandleAsync(MatrixRequest request)
    {
        _ = request.OwnUserId();
        var key = request.Path("keyName");
        ProfileField.Check(key);
        return ProfileField.ChangeAsync(request, profiles, observers, key, null);
    }
}

/// <summary>The fields this server keeps, and their change.</summary>
internal static class ProfileField
{
    public const string DisplayName = "displayname";
    public const string AvatarUrl = "avatar_url";

    public static void Check(string key)
    {
        if (key is not (DisplayName or AvatarUrl))
        {
            throw Refusal.Forbidden("This server keeps only displayname and avatar_url.");
        }
    }

    public static async Task ChangeAsync(
        MatrixRequest request, ProfileStore profiles, IEnumerable<IProfileObserver> observers, string key, string? value)
    {
        if (value?.Contains('\0', StringComparison.Ordinal) == true)
        {
            throw Refusal.InvalidParam("This value must not hold a NUL.");
        }

        if (value is not null && Encoding.UTF8.GetByteCount(value) > (key == DisplayName ? 256 : 1000))
        {
            throw new Refusal(400, "M_TOO_LARGE", "This value is too long.");
        }

        var requester = request.Requester;
        var old = await profiles.FindAsync(requester.User).ConfigureAwait(false) ?? throw GetProfile.NoSuchPerson();
        var text = string.IsNullOrEmpty(value) ? null : value;
        var changed = key == DisplayName ? old with { DisplayName = text } : old with { AvatarUrl = text };
        if (changed != old)
        {
            await profiles.SetAsync(requester.User, changed).ConfigureAwait(false);
            foreach (var observer in observers)
            {
                await observer.ProfileChangedAsync(requester, changed).ConfigureAwait(false);
            }
        }

        await request.ReplyEmptyAsync().ConfigureAwait(false);
    }
}
