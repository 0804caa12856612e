namespace Causeway.Hosting;

/// <summary>One endpoint: one class, one file.</summary>
public interface IEndpoint
{
    /// <summary>Answers the request, or throws a <see cref="Refusal"/>.</summary>
    Task HandleAsync(MatrixRequest request);
}

/// <summary>Who may call an endpoint.</summary>
public enum Access
{
    /// <summary>Anybody; a token is ignored.</summary>
    None,

    /// <summary>Anybody; a token, when given, must be good.</summary>
    Optional,

    /// <summary>People with an account, not guests.</summary>
    User,

    /// <summary>People with an account and guests.</summary>
    Guest,

    /// <summary>Administrators of the organisation.</summary>
    Admin,

    /// <summary>Who may open the socket in the data folder; on any other way in the endpoint does not exist.</summary>
    Local,
}

/// <summary>Which bucket of the rate limiter a call takes from.</summary>
public enum Rate
{
    /// <summary>Not limited.</summary>
    None,

    /// <summary>Sending events.</summary>
    Message,

    /// <summary>Registration and everything that checks a password: by address and account.</summary>
    Login,

    /// <summary>Joins, invites, room creation.</summary>
    Join,

    /// <summary>Uploads of media.</summary>
    Upload,

    /// <summary>Downloads and thumbnails, of which a client asks for many at once.</summary>
    Download,

    /// <summary>Everything else that the standard says may be limited.</summary>
    Other,
}
