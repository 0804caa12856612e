namespace Causeway.Accounts;

/// <summary>Who may make an account.</summary>
public enum RegistrationMode
{
    /// <summary>Nobody but administrators.</summary>
    Closed,

    /// <summary>Who has a registration token.</summary>
    Token,

    /// <summary>Anybody.</summary>
    Open,
}

/// <summary>Settings of Accounts.</summary>
public sealed record AccountsOptions
{
    /// <summary>Who may register; closed unless switched on.</summary>
    public RegistrationMode Registration { get; init; } = RegistrationMode.Closed;

    /// <summary>Whether guests are admitted; off unless switched on.</summary>
    public bool Guests { get; init; }

    /// <summary>Allows <c>/_synapse/admin/v1/register</c> to whoever knows it; null = off.</summary>
    public string? RegistrationSharedSecret { get; init; }

    /// <summary>PBKDF2-HMAC-SHA512 rounds for new password hashes (OWASP, 2023).</summary>
    public int PasswordIterations { get; init; } = 210_000;

    /// <summary>How long an access token lives when the client can refresh it.</summary>
    public TimeSpan AccessTokenLifetime { get; init; } = TimeSpan.FromMinutes(60);
}
