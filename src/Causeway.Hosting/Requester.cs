using Causeway.Matrix;

namespace Causeway.Hosting;

/// <summary>Who asks; passed explicitly, never ambient.</summary>
/// <param name="User">The person.</param>
/// <param name="DeviceId">The login the token belongs to.</param>
/// <param name="Device">The device's number in the store, the same for its life.</param>
/// <param name="Organisation">The organisation that owns the account.</param>
/// <param name="IsGuest">Limited by the guest access module.</param>
/// <param name="IsAdmin">May use the administration of its organisation.</param>
public sealed record Requester(
    UserId User, string DeviceId, long Device, Organisation Organisation, bool IsGuest, bool IsAdmin)
{
    /// <summary>May read, leave and sign out, and little else ("Account suspension").</summary>
    public bool IsSuspended { get; init; }

    /// <summary>May do nothing but sign out ("Account locking").</summary>
    public bool IsLocked { get; init; }

    /// <summary>Refuses (M_USER_SUSPENDED) what suspended people may not do.</summary>
    public void CheckNotSuspended()
    {
        if (IsSuspended)
        {
            throw new Refusal(403, "M_USER_SUSPENDED", "You cannot do this while your account is suspended.");
        }
    }
}

/// <summary>A Matrix server name with its own keys, accounts, directory and policy (D4).</summary>
/// <param name="Id">Its number in the store.</param>
/// <param name="ServerName">The name in its people's ids.</param>
/// <param name="DisplayName">What people read.</param>
/// <param name="Signer">Signs the events of its people.</param>
public sealed record Organisation(long Id, ServerName ServerName, string DisplayName, EventSigner Signer);

/// <summary>Finds the organisation a request is for; implemented by Accounts.</summary>
public interface IOrganisationResolver
{
    /// <summary>By the Host header; the default organisation when no other has that name.</summary>
    Organisation Resolve(string? host);

    /// <summary>By server name; null when it is not hosted here.</summary>
    Organisation? Find(ServerName server);
}

/// <summary>Turns an access token into who asks; implemented by Accounts.</summary>
public interface IAuthenticator
{
    /// <summary>The requester, or a refusal (M_UNKNOWN_TOKEN, M_USER_LOCKED ...).</summary>
    ValueTask<Requester> AuthenticateAsync(string token, MatrixRequest request);
}
