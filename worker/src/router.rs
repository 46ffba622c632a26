//! Which route a path is, and which methods it has. What a route does is in the module of its name.

use crate::problem::{Code, Problem};

/// The worker's routes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route<'a> {
    /// `/health`
    Health,
    /// `/openapi.json`
    OpenApi,
    /// `/api/{app}/{account}/{path…}`
    Api(Place<'a>, &'a str),
    /// `/token/{app}/{account}`
    Token(Place<'a>),
    /// `/refresh/{app}/{account}`
    Refresh(Place<'a>),
    /// `/connections`
    Connections,
    /// `/connections/{app}/{account}`
    Connection(Place<'a>),
    /// `/connections/{app}/{account}/audit`
    Audit(Place<'a>),
    /// `/login/{app}`
    Login(&'a str),
    /// `/callback/{app}`
    Callback(&'a str),
    /// `/session`
    Session,
    /// `/logout`
    Logout,
}

/// An app and an account as they stand in a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place<'a> {
    /// The app's name.
    pub(crate) app: &'a str,
    /// The account.
    pub(crate) account: &'a str,
}

impl<'a> Route<'a> {
    /// Reads a path below `base_path`. `None`: there is no such route.
    pub(crate) fn parse(base_path: &str, path: &'a str) -> Option<Self> {
        let path = path.strip_prefix(base_path)?.strip_prefix('/')?;
        let (first, rest) = path
            .split_once('/')
            .map_or((path, None), |(first, rest)| (first, Some(rest)));
        match (first, rest) {
            ("health", None) => Some(Self::Health),
            ("openapi.json", None) => Some(Self::OpenApi),
            ("connections", None) => Some(Self::Connections),
            ("session", None) => Some(Self::Session),
            ("logout", None) => Some(Self::Logout),
            ("login", Some(app)) => one(app).map(Self::Login),
            ("callback", Some(app)) => one(app).map(Self::Callback),
            ("token", Some(rest)) => two(rest).map(Self::Token),
            ("refresh", Some(rest)) => two(rest).map(Self::Refresh),
            ("connections", Some(rest)) => two(rest)
                .map(Self::Connection)
                .or_else(|| two(rest.strip_suffix("/audit")?).map(Self::Audit)),
            ("api", Some(rest)) => api(rest),
            _ => None,
        }
    }

    /// The methods of the route, as `Allow` writes them.
    const fn methods(self) -> &'static str {
        match self {
            Self::Health | Self::OpenApi => "GET, HEAD",
            Self::Api(..) => "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
            Self::Token(_) => "POST, DELETE",
            Self::Refresh(_) | Self::Logout => "POST",
            Self::Connections
            | Self::Connection(_)
            | Self::Audit(_)
            | Self::Login(_)
            | Self::Callback(_)
            | Self::Session => "GET",
        }
    }

    /// Whether it is for callers, who have to say who they are.
    pub(crate) const fn has_callers(self) -> bool {
        !matches!(
            self,
            Self::Health
                | Self::OpenApi
                | Self::Login(_)
                | Self::Callback(_)
                | Self::Session
                | Self::Logout
        )
    }

    /// Checks the method.
    ///
    /// # Errors
    /// A `method_not_allowed` problem that names the right ones.
    pub(crate) fn check_method(self, method: &str) -> Result<(), Problem> {
        let methods = self.methods();
        // By single characters: looking for a text in a text prepares for long ones.
        let mut names = methods
            .split(' ')
            .map(|name| name.strip_suffix(',').unwrap_or(name));
        if names.any(|allowed| allowed == method) {
            return Ok(());
        }
        let problem = Problem::new(Code::MethodNotAllowed, format!("This route has {methods}."));
        Err(problem.allow(methods))
    }
}

fn one(segment: &str) -> Option<&str> {
    (!segment.is_empty() && !segment.contains('/')).then_some(segment)
}

fn two(rest: &str) -> Option<Place<'_>> {
    let (app, account) = rest.split_once('/')?;
    Some(Place {
        app: one(app)?,
        account: one(account)?,
    })
}

/// What follows the account keeps its leading slash and is not looked at here: the gate reads it.
fn api(rest: &str) -> Option<Route<'_>> {
    let (app, rest) = rest.split_once('/')?;
    let at = rest.find('/').unwrap_or(rest.len());
    let (account, path) = rest.split_at_checked(at)?;
    Some(Route::Api(
        Place {
            app: one(app)?,
            account: one(account)?,
        },
        path,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_is_found_below_its_base_path() {
        let place = Place {
            app: "cafe",
            account: "openapitest.1",
        };
        for (path, route) in [
            ("/health", Route::Health),
            ("/openapi.json", Route::OpenApi),
            (
                "/api/cafe/openapitest.1/menu/products",
                Route::Api(place, "/menu/products"),
            ),
            ("/api/cafe/openapitest.1", Route::Api(place, "")),
            ("/api/cafe/openapitest.1//x", Route::Api(place, "//x")),
            ("/token/cafe/openapitest.1", Route::Token(place)),
            ("/refresh/cafe/openapitest.1", Route::Refresh(place)),
            ("/connections", Route::Connections),
            ("/connections/cafe/openapitest.1", Route::Connection(place)),
            ("/connections/cafe/openapitest.1/audit", Route::Audit(place)),
            ("/login/till", Route::Login("till")),
            ("/callback/till", Route::Callback("till")),
            ("/session", Route::Session),
            ("/logout", Route::Logout),
        ] {
            assert_eq!(Route::parse("", path), Some(route), "{path}");
            assert_eq!(
                Route::parse("/pos", &format!("/pos{path}")),
                Some(route),
                "/pos{path}"
            );
            assert_eq!(
                Route::parse("/pos", path),
                None,
                "{path} outside its base path"
            );
        }
    }

    #[test]
    fn what_is_almost_a_route_is_none() {
        for path in [
            "",
            "/",
            "//health",
            "/health/",
            "/HEALTH",
            "/token/cafe",
            "/token/cafe/",
            "/token//a",
            "/api/cafe",
            "/posx/health",
        ] {
            assert_eq!(Route::parse("", path), None, "{path}");
        }
    }

    #[test]
    fn a_wrong_method_is_told_the_right_ones() {
        let problem = Route::Logout.check_method("GET").unwrap_err();
        assert_eq!(
            (problem.code, problem.allow),
            (Code::MethodNotAllowed, Some("POST"))
        );
    }
}
