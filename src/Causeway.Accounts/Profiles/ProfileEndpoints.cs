using System.Text;
using Causeway.Hosting;

namespace Causeway.Accounts;

/// <summary>GET /_matrix/client/v3/profile/{userId}. Client-server API, "Profiles".</summary>
internal sealed class GetProfile(ProfileStore profiles, ProfileFields fields) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var profile = await profiles.FindAsync(request.UserId()).ConfigureAwait(false) ?? throw NoSuchPerson();
        var others = await fields.ListAsync(request.UserId()).ConfigureAwait(false);
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

            foreach (var (key, value) in others)
            {
                json.WritePropertyName(key);
                json.WriteRawValue(value, skipInputValidation: true);
            }

            json.WriteEndObject();
        }).ConfigureAwait(false);
    }

    internal static Refusal NoSuchPerson() => Refusal.NotFound("There is no such person.");
}

/// <summary>GET /_matrix/client/v3/profile/{userId}/{keyName}. Client-server API, "Profiles".</summary>
internal sealed class GetProfileField(ProfileStore profiles, ProfileFields fields) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var user = request.UserId();
        var profile = await profiles.FindAsync(user).ConfigureAwait(false) ?? throw GetProfile.NoSuchPerson();
        var key = request.Path("keyName");
        var text = key switch
        {
            ProfileChange.DisplayName => profile.DisplayName,
            ProfileChange.AvatarUrl => profile.AvatarUrl,
            _ => null,
        };
        var value = text is null ? await fields.FindAsync(user, key).ConfigureAwait(false) ?? throw Refusal.NotFound("This profile has no such field.") : null;
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WritePropertyName(key);
            if (text is null)
            {
                json.WriteRawValue(value, skipInputValidation: true);
            }
            else
            {
                json.WriteStringValue(text);
            }

            json.WriteEndObject();
        }).ConfigureAwait(false);
    }
}

/// <summary>PUT /_matrix/client/v3/profile/{userId}/{keyName}. Client-server API, "Profiles".</summary>
internal sealed class SetProfileField(ProfileChange profile, ProfileFields fields) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var user = request.OwnUserId();
        var key = request.Path("keyName");
        using var body = await request.ReadJsonAsync().ConfigureAwait(false);
        ProfileChange.Check(request.Requester, key);
        if (!body.Root.TryGetProperty(key, out var value))
        {
            throw Refusal.MissingParam(key);
        }

        if (key is ProfileChange.DisplayName or ProfileChange.AvatarUrl)
        {
            await profile.SetAsync(request.Requester, key, body.Root.FindString(key)).ConfigureAwait(false);
        }
        else
        {
            await fields.SetAsync(user, key, value).ConfigureAwait(false);
        }

        await request.ReplyEmptyAsync().ConfigureAwait(false);
    }
}

/// <summary>DELETE /_matrix/client/v3/profile/{userId}/{keyName}. Client-server API, "Profiles".</summary>
internal sealed class DeleteProfileField(ProfileChange profile, ProfileFields fields) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var user = request.OwnUserId();
        var key = request.Path("keyName");
        ProfileChange.Check(request.Requester, key);
        if (key is ProfileChange.DisplayName or ProfileChange.AvatarUrl)
        {
            await profile.SetAsync(request.Requester, key, null).ConfigureAwait(false);
        }
        else
        {
            await fields.DeleteAsync(user, key).ConfigureAwait(false);
        }

        await request.ReplyEmptyAsync().ConfigureAwait(false);
    }
}

/// <summary>Changes of name and avatar, which others are told of.</summary>
internal sealed class ProfileChange(ProfileStore profiles, IEnumerable<IProfileObserver> observers)
{
    public const string DisplayName = "displayname";
    public const string AvatarUrl = "avatar_url";

    /// <summary>Who may change which field; guests only their name ("Guest Access").</summary>
    public static void Check(Requester requester, string key)
    {
        requester.CheckNotSuspended();
        if (requester.IsGuest && key != DisplayName)
        {
            throw new Refusal(403, "M_GUEST_ACCESS_FORBIDDEN", "Guests can change only their name.");
        }

        if (key is not (DisplayName or AvatarUrl))
        {
            ProfileFields.CheckKey(key);
        }
    }

    public async Task SetAsync(Requester requester, string key, string? value)
    {
        if (value?.Contains('\0', StringComparison.Ordinal) == true)
        {
            throw Refusal.InvalidParam("This value must not hold a NUL.");
        }

        if (value is not null && Encoding.UTF8.GetByteCount(value) > (key == DisplayName ? 256 : 1000))
        {
            throw new Refusal(400, "M_TOO_LARGE", "This value is too long.");
        }

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
    }
}
